#include "proxy/postgres/session_remains.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace peerpool;
using namespace peerpool::postgres;
using Reset = SessionRemains::Reset;

namespace {

constexpr uid_t kOne = 1001;
constexpr uid_t kOther = 1002;
constexpr TimePoint::duration kBusy{0};

ServerStatements withStatement() {
  ServerStatements statements;
  static_cast<void>(statements.add(std::make_shared<const Statement>(std::string(), 0)));
  return statements;
}

}  // namespace

TEST_CASE("A server that nothing was left in is not reset between clients of one uid") {
  SessionRemains remains;
  ServerStatements none;
  CHECK(remains.needed(false, kOne, kBusy, none) == Reset::None);
  remains.prepared(Reset::None, false, kOne);
  CHECK(remains.needed(false, kOne, kBusy, none) == Reset::None);
  CHECK(remains.needed(false, std::nullopt, kBusy, none) == Reset::None);
  CHECK(remains.needed(false, kOther, kBusy, none) == Reset::All);
  remains.touch();
  CHECK(remains.needed(true, kOne, kBusy, none) == Reset::None);
  CHECK(remains.needed(false, kOne, kBusy, none) == Reset::All);
  CHECK(remains.needed(false, std::nullopt, kBusy, none) == Reset::All);
  remains.prepared(Reset::All, false, kOther);
  CHECK(remains.needed(false, kOther, kBusy, none) == Reset::None);
  CHECK(remains.needed(false, kOne, kBusy, none) == Reset::All);
}

TEST_CASE("A server that was idle for a while shows first that it answers") {
  SessionRemains remains;
  ServerStatements none;
  remains.prepared(Reset::None, false, kOne);
  CHECK(remains.needed(false, kOne, SessionRemains::kCheckAfter, none) == Reset::Check);
  CHECK(remains.needed(true, kOne, SessionRemains::kCheckAfter, none) == Reset::None);
  CHECK(remains.needed(false, kOther, SessionRemains::kCheckAfter, none) == Reset::All);
  remains.prepared(Reset::Check, false, kOne);
  CHECK(remains.needed(false, kOther, kBusy, none) == Reset::All);  // It was not reset.
}

TEST_CASE("Statements are kept for clients of the same uid, unless they may be others") {
  SessionRemains remains;
  ServerStatements statements = withStatement();
  remains.prepared(Reset::None, false, kOne);
  remains.touch();
  CHECK(remains.needed(false, kOne, kBusy, statements) == Reset::KeepStatements);
  remains.prepared(Reset::KeepStatements, false, std::nullopt);
  CHECK(remains.needed(false, kOne, kBusy, statements) == Reset::None);
  CHECK(remains.needed(false, kOther, kBusy, statements) == Reset::All);
  remains.distrust();
  CHECK(remains.needed(false, kOne, kBusy, statements) == Reset::All);
  remains.prepared(Reset::All, false, kOne);
  CHECK(remains.needed(false, kOne, kBusy, statements) == Reset::None);
  statements.distrust();
  CHECK(remains.needed(false, kOne, kBusy, statements) == Reset::All);
}

TEST_CASE("Whoever is next may be of another uid once all is reset") {
  SessionRemains remains;
  ServerStatements none;
  remains.prepared(Reset::None, false, kOne);
  remains.touch();
  remains.prepared(Reset::All, false, std::nullopt);
  CHECK(remains.needed(false, kOther, kBusy, none) == Reset::None);
}

TEST_CASE("A server is shared since another client than the one that has it used it") {
  SessionRemains remains;
  remains.prepared(Reset::None, false, std::nullopt);
  remains.prepared(Reset::None, false, kOne);
  CHECK_FALSE(remains.shared());
  remains.prepared(Reset::None, true, kOne);
  CHECK_FALSE(remains.shared());
  remains.prepared(Reset::Check, false, kOne);
  CHECK(remains.shared());
  remains.prepared(Reset::None, true, kOne);
  CHECK(remains.shared());  // It was another once.
  remains.prepared(Reset::KeepStatements, false, kOne);
  CHECK_FALSE(remains.shared());
}
