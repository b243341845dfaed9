// The life of clients from login to a sudden end, with every system call of it failing in every
// way.

#include <catch2/catch.hpp>
#include <iostream>
#include <string>
#include <system_error>

#include "proxy/pool/back_off.h"
#include "tests/faults/stage.h"
#include "tests/support/descriptors.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"

namespace peerpool::faults {
namespace {

using testing::rawMessage;

std::string query(const std::string& sql) { return rawMessage('Q', sql + '\0'); }

/// Whatever fails, a client is answered or its connection ends.
void liveOnce(Stage& stage) {
  Stage::Client first(stage);
  const bool whole =
      first.ask(hello()) && first.ask(query("SELECT c1.1 3")) &&
      first.ask(query("COPY c1.2 IN") + rawMessage('d', "c1.2 line") + rawMessage('c', "")) &&
      first.ask(query("COPY c1.3 OUT 2000")) &&
      first.ask(rawMessage('P', std::string("\0SELECT c1.4\0\0\0", 15)) +
                rawMessage('B', std::string("\0\0\0\0\0\0\0\0", 8)) +
                rawMessage('E', std::string(5, '\0')) + rawMessage('S', "")) &&
      first.ask(query("BEGIN c1.5"));
  // Dies in a transaction while a statement runs: cancel, ROLLBACK and DISCARD ALL follow.
  first.send(query("SLEEP c1.6 100000"));
  stage.turn();
  stage.turn();
  first.leave();
  Stage::Client second(stage);
  if (second.ask(hello()) && second.ask(query("ADVISE c1.7")) && whole) {
    second.send(rawMessage('X', ""));
  }
}

void endure(Stage& stage) {
  liveOnce(stage);
  Injector::instance().rest();
  CAPTURE(Injector::instance().what());
  // Whatever it was, it is over: once the backend may be asked again, the next one is served in
  // full.
  stage.turn(pool::BackOff::kMost);
  Stage::Client next(stage);
  const bool welcome = next.ask(hello());
  CAPTURE(next.answer());
  REQUIRE(welcome);
  REQUIRE(next.ask(query("SELECT c1.8")));
  REQUIRE(next.answer().find("c1.8 set= table= lock= listen= tx= app=c1") != std::string::npos);
  next.leave();
  stage.checkAllGone();
}

std::size_t runAll(event::FlusherKind flusher) {
  const testing::TempDir directory;
  Injector& injector = Injector::instance();
  const std::size_t before = testing::countDescriptors();
  return forEachFault([&] {
    {
      Stage stage(directory / "backend", flusher);
      endure(stage);
    }
    CAPTURE(injector.what());
    REQUIRE(testing::countDescriptors() == before);
  });
}

TEST_CASE("Any failing system call ends at most the sessions that it belongs to", "[faults]") {
  const std::size_t faults = runAll(event::FlusherKind::Send);
  CHECK(faults > 300);
}

TEST_CASE("The same over io_uring", "[faults]") {
  try {
    static_cast<void>(event::makeFlusher(event::FlusherKind::IoUring));
  } catch (const std::system_error& refused) {
    std::cout << "SKIPPED: no io_uring here: " << refused.what() << std::endl;
    return;
  }
  const std::size_t faults = runAll(event::FlusherKind::IoUring);
  CHECK(faults > 300);
}

}  // namespace
}  // namespace peerpool::faults
