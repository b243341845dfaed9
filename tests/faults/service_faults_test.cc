// The service's own parts: its loop, its status socket, its log file.

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <string>
#include <system_error>

#include "proxy/event/event_loop.h"
#include "proxy/event/signals.h"
#include "proxy/net/connector.h"
#include "proxy/observe/log_writers.h"
#include "proxy/server/status_socket.h"
#include "tests/faults/injector.h"
#include "tests/support/descriptors.h"
#include "tests/support/manual_clock.h"
#include "tests/support/socket_pair.h"
#include "tests/support/temp_dir.h"

namespace peerpool::faults {
namespace {

TEST_CASE("A loop is made whole or not at all, without io_uring where that is refused",
          "[faults]") {
  const std::size_t before = testing::countDescriptors();
  const std::size_t faults = forEachFault([&] {
    const Injector& injector = Injector::instance();
    try {
      const Armed armed;
      event::EventLoop loop{event::EventLoop::Options{}};
      const event::Signals signals(loop, {SIGUSR2}, [](int) {});
    } catch (const std::system_error&) {
      CAPTURE(injector.what());
      REQUIRE(injector.what().find("uring") == std::string::npos);
    }
    CAPTURE(injector.what());
    REQUIRE(testing::countDescriptors() == before);
  });
  CHECK(faults > 10);
}

/// Asks for the pools; true when there was an answer.
bool askStatus(event::EventLoop& loop, testing::ManualClock& clock, const std::string& path) {
  const net::ConnectResult connection = net::connectUnix(path);
  REQUIRE(connection.outcome == net::ConnectOutcome::Connected);
  const int fd = connection.socket.get();
  testing::sendSome(fd, "pools\n");
  std::string answer;
  for (int turn = 0; turn < 100; ++turn) {
    clock.advance(Duration(100));
    {
      const Armed armed;
      loop.turn(TimePoint::min());
    }
    const std::optional<std::string> some = testing::receiveSome(fd);
    if (!some) {
      return answer == "an answer\n";
    }
    answer += *some;
  }
  FAIL("nobody answers");
  return false;
}

TEST_CASE("Whatever fails, the status socket answers the next who asks", "[faults]") {
  const testing::TempDir directory;
  const std::string path = directory / "status.sock";
  const std::size_t before = testing::countDescriptors();
  const std::size_t faults = forEachFault([&] {
    Injector& injector = Injector::instance();
    {
      testing::ManualClock clock;
      event::EventLoop loop({.flusher = event::FlusherKind::Send, .clock = clock.reading()});
      server::StatusSocket socket(
          loop, path,
          [](const std::string&, const AuditPeer&, const server::StatusSocket::Answer& answer) {
            answer("an answer");
          },
          {});
      static_cast<void>(askStatus(loop, clock, path));
      injector.rest();
      CAPTURE(injector.what());
      REQUIRE(askStatus(loop, clock, path));
    }
    REQUIRE(testing::countDescriptors() == before);
  });
  CHECK(faults > 20);
}

TEST_CASE("A log file is opened and reopened, or the failure is told", "[faults]") {
  const testing::TempDir directory;
  const std::size_t before = testing::countDescriptors();
  const std::size_t faults = forEachFault([&] {
    const Injector& injector = Injector::instance();
    try {
      config::Logging settings;
      settings.target = config::LogTarget::File;
      settings.file = directory / "log";
      const Armed armed;
      const auto writer = observe::makeLogWriter(settings);
      writer->write({1, {}, {LogLevel::Info, "a line"}});
      writer->reopen();
    } catch (const std::exception&) {
      CAPTURE(injector.what());
      REQUIRE(injector.fired());
    }
    CAPTURE(injector.what());
    REQUIRE(testing::countDescriptors() == before);
  });
  CHECK(faults >= 5);
}

}  // namespace
}  // namespace peerpool::faults
