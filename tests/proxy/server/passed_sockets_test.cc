// Sockets of the service manager and the listeners they are for.

#include "proxy/server/passed_sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

using testing::TempDir;

UniqueFd bound(const std::string& path, int type = SOCK_STREAM) {
  UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

UniqueFd listening(const std::string& path) {
  UniqueFd fd = bound(path);
  REQUIRE(::listen(fd.get(), 1) == 0);
  return fd;
}

config::Config configWith(const std::string& path) {
  config::Config config;
  config::Listener& listener = config.listeners.emplace_back();
  listener.name = "pg";
  listener.path = path;
  listener.mode = 0660;
  return config;
}

std::vector<PassedSocket> one(UniqueFd fd, const std::string& name = "peerpool.socket") {
  std::vector<PassedSocket> sockets;
  sockets.push_back({std::move(fd), name});
  return sockets;
}

std::string refusal(std::vector<PassedSocket> sockets, const config::Config& config) {
  try {
    const PassedSockets passed(std::move(sockets), config);
    return "accepted";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST_CASE("A socket goes to the listener with its path, once, and does not block") {
  const TempDir directory;
  const config::Config config = configWith(directory / "s");
  UniqueFd socket = listening(directory / "s");
  ::chmod((directory / "s").c_str(), 0660);
  const int number = socket.get();
  PassedSockets passed(one(std::move(socket)), config);
  CHECK(passed.warnings().empty());
  const UniqueFd taken = passed.take(config.listeners[0]);
  CHECK(taken.get() == number);
  CHECK((::fcntl(number, F_GETFL) & O_NONBLOCK) != 0);
  CHECK_FALSE(passed.take(config.listeners[0]).valid());
  config::Listener other;
  other.path = directory / "other";
  CHECK_FALSE(passed.take(other).valid());
}

TEST_CASE("A file with another mode than configured is used, with a warning") {
  const TempDir directory;
  UniqueFd socket = listening(directory / "s");
  ::chmod((directory / "s").c_str(), 0666);
  const PassedSockets passed(one(std::move(socket)), configWith(directory / "s"));
  CHECK(passed.warnings() == std::vector<std::string>{"the socket unit gave " + (directory / "s") +
                                                      " mode 0666, listeners.pg.mode says 0660"});
}

TEST_CASE("A socket that is no listener's is refused with its path and what to do") {
  const TempDir directory;
  const config::Config config = configWith(directory / "s");
  CHECK(refusal(one(listening(directory / "x")), config)
            .find("(peerpool.socket) that the service manager passed is bound to " +
                  (directory / "x") + ", which is no listener's path") != std::string::npos);
  CHECK(refusal(one(listening(directory / "y"), "pg"), config)
            .find("is bound to " + (directory / "y") + ", but the listener pg has path " +
                  (directory / "s")) != std::string::npos);
}

TEST_CASE("What is no listening stream socket in the file system is refused") {
  const TempDir directory;
  const config::Config config = configWith(directory / "s");
  CHECK(refusal(one(bound(directory / "s")), config).find("is no listening stream socket") !=
        std::string::npos);
  CHECK(refusal(one(bound(directory / "d", SOCK_DGRAM)), config)
            .find("is no listening stream socket") != std::string::npos);
  CHECK(
      refusal(one(UniqueFd(::socket(AF_INET, SOCK_STREAM, 0))), config).find("is no Unix socket") !=
      std::string::npos);
  CHECK(refusal(one(UniqueFd(::open("/dev/null", O_RDONLY))), config).find("is none: ") !=
        std::string::npos);
  UniqueFd unnamed(::socket(AF_UNIX, SOCK_STREAM, 0));
  const sockaddr_un autobind{AF_UNIX, {}};
  REQUIRE(::bind(unnamed.get(), reinterpret_cast<const sockaddr*>(&autobind),
                 sizeof(sa_family_t)) == 0);
  REQUIRE(::listen(unnamed.get(), 1) == 0);
  CHECK(refusal(one(std::move(unnamed)), config).find("has no path") != std::string::npos);
}

TEST_CASE("Two sockets for one listener are refused") {
  const TempDir directory;
  std::vector<PassedSocket> sockets = one(listening(directory / "s"));
  sockets.push_back({UniqueFd(::dup(sockets[0].fd.get())), ""});
  CHECK(refusal(std::move(sockets), configWith(directory / "s")).find("is the second one for ") !=
        std::string::npos);
}

}  // namespace
}  // namespace peerpool::server
