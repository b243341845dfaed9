#include "proxy/postgres/session_remains.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace peerpool::postgres;
using Reset = SessionRemains::Reset;

namespace {

constexpr uid_t kOne = 1001;
constexpr uid_t kOther = 1002;

ServerStatements withStatement() {
  ServerStatements statements;
  static_cast<void>(statements.add(std::make_shared<const Statement>(std::string(), 0)));
  return statements;
}

}  // namespace

TEST_CASE("A server that nothing was left in is not reset between clients of one uid") {
  SessionRemains remains;
  ServerStatements none;
  CHECK(remains.needed(false, kOne, none) == Reset::None);
  remains.prepared(Reset::None, kOne);
  CHECK(remains.needed(false, kOne, none) == Reset::None);
  CHECK(remains.needed(false, std::nullopt, none) == Reset::None);
  CHECK(remains.needed(false, kOther, none) == Reset::All);
  remains.touch();
  CHECK(remains.needed(true, kOne, none) == Reset::None);
  CHECK(remains.needed(false, kOne, none) == Reset::All);
  CHECK(remains.needed(false, std::nullopt, none) == Reset::All);
  remains.prepared(Reset::All, kOther);
  CHECK(remains.needed(false, kOther, none) == Reset::None);
  CHECK(remains.needed(false, kOne, none) == Reset::All);
}

TEST_CASE("Statements are kept for clients of the same uid, unless they may be others") {
  SessionRemains remains;
  ServerStatements statements = withStatement();
  remains.prepared(Reset::None, kOne);
  remains.touch();
  CHECK(remains.needed(false, kOne, statements) == Reset::KeepStatements);
  remains.prepared(Reset::KeepStatements, std::nullopt);
  CHECK(remains.needed(false, kOne, statements) == Reset::None);
  CHECK(remains.needed(false, kOther, statements) == Reset::All);
  remains.distrust();
  CHECK(remains.needed(false, kOne, statements) == Reset::All);
  remains.prepared(Reset::All, kOne);
  CHECK(remains.needed(false, kOne, statements) == Reset::None);
  statements.distrust();
  CHECK(remains.needed(false, kOne, statements) == Reset::All);
}

TEST_CASE("Whoever is next may be of another uid once all is reset") {
  SessionRemains remains;
  ServerStatements none;
  remains.prepared(Reset::None, kOne);
  remains.touch();
  remains.prepared(Reset::All, std::nullopt);
  CHECK(remains.needed(false, kOther, none) == Reset::None);
}
