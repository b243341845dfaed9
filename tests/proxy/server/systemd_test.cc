// What the service manager says and what it is told.

#include "proxy/server/systemd.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>

#include "tests/proxy/server/notify_socket.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

using Variables = std::map<std::string, std::string>;

Result<ServiceEnvironment> parse(const Variables& variables) {
  return parseServiceEnvironment(
      [&](const char* variable) {
        const auto found = variables.find(variable);
        return found == variables.end() ? std::string() : found->second;
      },
      77);
}

TEST_CASE("Without a service manager there is nothing") {
  const auto result = parse({});
  REQUIRE(result);
  CHECK(result->notify_socket.empty());
  CHECK_FALSE(result->watchdog);
  CHECK(result->socket_names.empty());
}

TEST_CASE("What is meant for this process counts, what is meant for another does not") {
  const auto ours = parse({{"NOTIFY_SOCKET", "/run/systemd/notify"},
                           {"WATCHDOG_USEC", "30000000"},
                           {"WATCHDOG_PID", "77"},
                           {"LISTEN_PID", "77"},
                           {"LISTEN_FDS", "2"},
                           {"LISTEN_FDNAMES", "pg:pg16"}});
  REQUIRE(ours);
  CHECK(ours->notify_socket == "/run/systemd/notify");
  CHECK(ours->watchdog == std::chrono::seconds(30));
  CHECK(ours->socket_names == std::vector<std::string>{"pg", "pg16"});
  const auto others = parse({{"WATCHDOG_USEC", "30000000"},
                             {"WATCHDOG_PID", "78"},
                             {"LISTEN_PID", "78"},
                             {"LISTEN_FDS", "2"}});
  REQUIRE(others);
  CHECK_FALSE(others->watchdog);
  CHECK(others->socket_names.empty());
  CHECK(parse({{"WATCHDOG_USEC", "5"}})->watchdog == std::chrono::microseconds(5));
}

TEST_CASE("Names are optional, and as many as sockets") {
  CHECK(parse({{"LISTEN_PID", "77"}, {"LISTEN_FDS", "2"}})->socket_names.size() == 2);
  CHECK(parse({{"LISTEN_PID", "77"}, {"LISTEN_FDS", "1"}, {"LISTEN_FDNAMES", "a:b:c"}})
            ->socket_names == std::vector<std::string>{"a"});
}

TEST_CASE("Values that make no sense are errors with the variable's name") {
  const auto [variable, value] = GENERATE(table<const char*, const char*>({
      {"LISTEN_FDS", "two"},
      {"LISTEN_FDS", "-1"},
      {"LISTEN_FDS", "1000000000"},
      {"WATCHDOG_USEC", "0"},
      {"WATCHDOG_USEC", "30s"},
      {"WATCHDOG_USEC", "99999999999999999999"},
  }));
  const auto result = parse({{"LISTEN_PID", "77"}, {variable, value}});
  REQUIRE_FALSE(result);
  CHECK(result.error().text == '$' + std::string(variable) + " makes no sense: " + value);
}

TEST_CASE("Passed descriptors become ours, with their names, and are not handed on") {
  int pair[2];
  REQUIRE(::pipe(pair) == 0);
  // Two in a row, wherever there is room.
  const int first = ::fcntl(pair[0], F_DUPFD, 200);
  REQUIRE(::dup2(pair[1], first + 1) == first + 1);
  ::close(pair[0]);
  ::close(pair[1]);
  const std::vector<PassedSocket> sockets = takePassedSockets({"a", "b"}, first);
  REQUIRE(sockets.size() == 2);
  CHECK(sockets[0].fd.get() == first);
  CHECK(sockets[1].fd.get() == first + 1);
  CHECK(sockets[1].name == "b");
  CHECK((::fcntl(first, F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("The manager is told in its own words, by path or abstract name") {
  const testing::TempDir directory;
  const bool abstract = GENERATE(false, true);
  const std::string name = (abstract ? "@" : "") + (directory / "notify");
  const NotifySocket socket(name);
  const ServiceManager manager(name);
  manager.notifyReady();
  CHECK(socket.receive() == "READY=1");
  manager.notifyReloading(TimePoint(std::chrono::microseconds(1234567)));
  CHECK(socket.receive() == "RELOADING=1\nMONOTONIC_USEC=1234567");
  manager.notifyStatus("3 clients\nREADY=1");
  CHECK(socket.receive() == "STATUS=3 clients");
  manager.notifyAlive();
  CHECK(socket.receive() == "WATCHDOG=1");
  manager.notifyStopping();
  CHECK(socket.receive() == "STOPPING=1");
}

TEST_CASE("A manager that is not there changes nothing") {
  ServiceManager("").notifyReady();
  ServiceManager("/nonexistent/notify").notifyReady();
  ServiceManager(std::string(200, 'x')).notifyStatus("x");
}

}  // namespace
}  // namespace peerpool::server
