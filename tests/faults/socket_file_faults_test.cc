// Making sockets, lock files and directories, with every system call of it failing in every way.

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "proxy/net/connector.h"
#include "proxy/net/directory.h"
#include "proxy/net/listener.h"
#include "proxy/net/socket_file.h"
#include "tests/faults/injector.h"
#include "tests/support/descriptors.h"
#include "tests/support/manual_clock.h"
#include "tests/support/socket_pair.h"
#include "tests/support/temp_dir.h"

namespace peerpool::faults {
namespace {

using net::SocketFile;
using net::SocketFileOptions;

SocketFileOptions optionsFor(const std::string& path) {
  SocketFileOptions options;
  options.path = path;
  options.access.mode = 0660;
  options.access.acl = {{12345, false}};
  return options;
}

std::vector<std::string> namesIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

mode_t modeOf(const std::string& path) {
  struct stat file {};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  return file.st_mode & 07777U;
}

/// A socket file that nobody serves any more, as a killed process leaves it.
void leaveStale(const std::string& path) {
  const SocketFile file(optionsFor(path));
  REQUIRE(::rename(path.c_str(), (path + ".kept").c_str()) == 0);
  REQUIRE(::rename((path + ".lock").c_str(), (path + ".kept.lock").c_str()) == 0);
}
void bringBackStale(const std::string& path) {
  REQUIRE(::rename((path + ".kept").c_str(), path.c_str()) == 0);
  REQUIRE(::rename((path + ".kept.lock").c_str(), (path + ".lock").c_str()) == 0);
}

/// Makes the file once with a fault, then without: that must work, and leave nothing.
void makeTwice(const testing::TempDir& directory, const std::string& path) {
  Injector& injector = Injector::instance();
  const std::size_t before = testing::countDescriptors();
  const bool before_was_empty = namesIn(directory.path()).empty();
  try {
    std::unique_ptr<SocketFile> file;
    {
      const Armed armed;
      file = std::make_unique<SocketFile>(optionsFor(path));
    }
    CAPTURE(injector.what());
    REQUIRE(modeOf(path) == 0660);
    const Armed armed;
    file.reset();
  } catch (const std::system_error& error) {
    CAPTURE(injector.what(), error.what());
    REQUIRE(injector.fired());
    REQUIRE(std::string(error.what()).size() > 20);
    // Only what cannot be removed, or not be told from somebody else's, stays behind.
    const bool excused = injector.what().rfind("unlinkat", 0) == 0 ||
                         injector.what().rfind("fstat", 0) == 0 || !before_was_empty;
    REQUIRE((excused || namesIn(directory.path()).empty()));
  }
  injector.rest();
  CAPTURE(injector.what());
  REQUIRE(testing::countDescriptors() == before);
  {
    const SocketFile file(optionsFor(path));
    REQUIRE(modeOf(path) == 0660);
    REQUIRE(net::connectUnix(path).outcome == net::ConnectOutcome::Connected);
  }
  REQUIRE(namesIn(directory.path()).empty());
}

TEST_CASE("A socket file is made as asked or not at all, and the next try works", "[faults]") {
  const testing::TempDir directory;
  const std::string path = directory / "s";
  const std::size_t faults = forEachFault([&] { makeTwice(directory, path); });
  CHECK(faults > 100);
}

TEST_CASE("A stale socket is replaced or left, and the next try works", "[faults]") {
  const testing::TempDir directory;
  const std::string path = directory / "s";
  const std::size_t faults = forEachFault([&] {
    leaveStale(path);
    bringBackStale(path);
    makeTwice(directory, path);
  });
  CHECK(faults > 100);
}

TEST_CASE("A directory is made as asked or not at all, and the next try works", "[faults]") {
  const testing::TempDir directory;
  const net::DirectoryOptions options{directory / "a/b", 0750, {}, {}};
  const std::size_t faults = forEachFault([&] {
    Injector& injector = Injector::instance();
    const std::size_t before = testing::countDescriptors();
    try {
      const Armed armed;
      net::createDirectory(options);
    } catch (const std::system_error&) {
    }
    injector.rest();
    CAPTURE(injector.what());
    REQUIRE(testing::countDescriptors() == before);
    net::createDirectory(options);
    REQUIRE(modeOf(directory / "a") == 0755);
    REQUIRE(modeOf(options.path) == 0750);
    std::filesystem::remove_all(directory / "a");
  });
  CHECK(faults > 50);
}

/// A listener whose three clients came before it.
void acceptThree(const std::string& path) {
  Injector& injector = Injector::instance();
  testing::ManualClock clock;
  event::EventLoop loop({.flusher = event::FlusherKind::Send, .clock = clock.reading()});
  SocketFile file(optionsFor(path));
  std::vector<UniqueFd> clients;
  std::vector<UniqueFd> accepted;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(net::connectUnix(path).socket);
  }
  std::unique_ptr<net::Listener> listener;
  {
    const Armed armed;
    try {
      listener = std::make_unique<net::Listener>(
          loop, file.takeSocket(),
          net::Listener::Callbacks{[&](UniqueFd fd) { accepted.push_back(std::move(fd)); }, {}});
    } catch (const std::system_error&) {
      return;
    }
    for (int turn = 0; turn < 5; ++turn) {
      clock.advance(net::Listener::kPause);
      loop.turn(TimePoint::min());
    }
  }
  CAPTURE(injector.what());
  // Without descriptors everybody who waits is closed, so that he can go elsewhere.
  const bool exhausted = injector.what() == "accept4 EMFILE" || injector.what() == "accept4 ENFILE";
  REQUIRE((accepted.size() == 3 || exhausted));
  std::size_t closed = 0;
  for (const UniqueFd& client : clients) {
    closed += testing::receiveSome(client.get()) ? 0U : 1U;
  }
  REQUIRE(closed + accepted.size() == 3);
}

TEST_CASE("Everybody in the backlog is accepted or closed in the end", "[faults]") {
  const testing::TempDir directory;
  const std::size_t before = testing::countDescriptors();
  const std::size_t faults = forEachFault([&] {
    acceptThree(directory / "s");
    CAPTURE(Injector::instance().what());
    REQUIRE(testing::countDescriptors() == before);
  });
  CHECK(faults > 20);
}

}  // namespace
}  // namespace peerpool::faults
