// Accepting and connecting over real socket files, and addresses that do not fit into sun_path.

#include "proxy/net/listener.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "proxy/net/address.h"
#include "proxy/net/connector.h"
#include "tests/support/socket_pair.h"
#include "tests/support/temp_dir.h"

namespace peerpool::net {
namespace {

using event::EventLoop;
using testing::TempDir;

UniqueFd listening(const std::string& path, int backlog) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const UnixAddress address(path);
  REQUIRE(address.error() == 0);
  REQUIRE(::bind(socket.get(), address.get(), address.size()) == 0);
  REQUIRE(::listen(socket.get(), backlog) == 0);
  return socket;
}

UniqueFd connected(const std::string& path) {
  ConnectResult result = connectUnix(path);
  REQUIRE(result.outcome == ConnectOutcome::Connected);
  return std::move(result.socket);
}

struct Accepting {
  Accepting(EventLoop& loop, UniqueFd socket)
      : listener(loop, std::move(socket),
                 {[this](UniqueFd fd) { accepted.push_back(std::move(fd)); },
                  [this](int error) { exhausted.push_back(error); }}) {}
  std::vector<UniqueFd> accepted;
  std::vector<int> exhausted;
  Listener listener;
};

TEST_CASE("every connection is accepted, also those that came before and those above the budget") {
  const TempDir directory;
  const std::string path = directory / "s";
  EventLoop loop{EventLoop::Options{}};
  UniqueFd socket = listening(path, 1000);
  std::vector<UniqueFd> clients;
  clients.push_back(connected(path));
  Accepting accepting(loop, std::move(socket));
  for (int i = 0; i < 2 * Listener::kAcceptsPerTurn; ++i) {
    clients.push_back(connected(path));
  }
  loop.turn(TimePoint::min());
  CHECK(accepting.accepted.size() < clients.size());
  CHECK(accepting.listener.acceptedInARow() == accepting.accepted.size());
  for (int i = 0; i < 5; ++i) {
    loop.turn(TimePoint::min());
  }
  CHECK(accepting.listener.acceptedInARow() == 0);
  REQUIRE(accepting.accepted.size() == clients.size());
  const int fd = accepting.accepted.front().get();
  CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  testing::sendSome(clients.front().get(), "hello");
  CHECK(testing::receiveAll(fd) == "hello");
}

TEST_CASE("without descriptors the listener rests, reports, and accepts later") {
  const TempDir directory;
  const std::string path = directory / "s";
  EventLoop loop{EventLoop::Options{}};
  Accepting accepting(loop, listening(path, 10));
  const UniqueFd client = connected(path);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{3, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  for (int i = 0; i < 10; ++i) {
    loop.turn(TimePoint::min());
  }
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(accepting.exhausted == std::vector<int>{EMFILE});
  CHECK(accepting.accepted.empty());
  const TimePoint start = Clock::now();
  while (accepting.accepted.empty()) {
    loop.turn(start + std::chrono::seconds(30));
  }
  CHECK(accepting.accepted.size() == 1);
}

/// Takes descriptors until there are none, or only `left`.
std::vector<UniqueFd> takeDescriptors(std::size_t left) {
  std::vector<UniqueFd> taken;
  while (true) {
    UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!fd) {
      break;
    }
    taken.push_back(std::move(fd));
  }
  taken.resize(taken.size() - left);
  return taken;
}

TEST_CASE("at the limit of descriptors whoever waits is turned away, and others are let in later") {
  const TempDir directory;
  const std::string path = directory / "s";
  EventLoop loop{EventLoop::Options{}};
  Accepting accepting(loop, listening(path, 10));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{64, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  std::vector<UniqueFd> clients;
  {
    const std::vector<UniqueFd> taken = takeDescriptors(4);
    for (int i = 0; i < 4; ++i) {
      clients.push_back(connected(path));
    }
    for (int i = 0; i < 10; ++i) {
      loop.turn(TimePoint::min());
    }
    CHECK(accepting.accepted.empty());
    CHECK(accepting.exhausted == std::vector<int>{EMFILE});
    for (const UniqueFd& client : clients) {
      char byte = 0;
      CHECK(::recv(client.get(), &byte, 1, MSG_DONTWAIT) == 0);  // Closed, not left waiting.
    }
    clients.clear();
    clients.push_back(connected(path));  // Waits in the backlog while the listener rests.
    loop.turn(TimePoint::min());
    CHECK(accepting.exhausted.size() == 1);
  }
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  const TimePoint start = Clock::now();
  while (accepting.accepted.empty()) {
    loop.turn(start + std::chrono::seconds(30));
  }
  CHECK(accepting.accepted.size() == 1);
}

TEST_CASE("a connection says why it failed") {
  const TempDir directory;
  const std::string path = directory / "s";
  CHECK(connectUnix(path).outcome == ConnectOutcome::Failed);
  CHECK(connectUnix(path).error == ENOENT);
  CHECK(connectUnix("").error == EINVAL);
  CHECK(connectUnix(std::string("\0abstract", 9)).error == EINVAL);
  { const UniqueFd gone = listening(path, 1); }
  CHECK(connectUnix(path).outcome == ConnectOutcome::Failed);
  CHECK(connectUnix(path).error == ECONNREFUSED);
}

TEST_CASE("a full backlog is busy, not failed (check 27)") {
  const TempDir directory;
  const std::string path = directory / "s";
  const UniqueFd socket = listening(path, 1);
  std::vector<UniqueFd> clients;
  ConnectResult result;
  for (int i = 0; i < 10; ++i) {
    result = connectUnix(path);
    if (result.outcome != ConnectOutcome::Connected) {
      break;
    }
    clients.push_back(std::move(result.socket));
  }
  CHECK(result.outcome == ConnectOutcome::Busy);
  CHECK(result.error == EAGAIN);
  const UniqueFd accepted(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  CHECK(connectUnix(path).outcome == ConnectOutcome::Connected);
}

TEST_CASE("paths of every length near the limit work, and names that are too long do not") {
  const TempDir directory;
  const std::string deep = directory / std::string(120, 'd');
  REQUIRE(::mkdir(deep.c_str(), 0700) == 0);
  for (const std::string& path : {directory / std::string(80, 'a'), deep + "/s"}) {
    const UniqueFd socket = listening(path, 1);
    CHECK(connectUnix(path).outcome == ConnectOutcome::Connected);
  }
  for (std::size_t size = 105; size <= 110; ++size) {
    const std::string path = directory / std::string(size - directory.path().size() - 1, 'n');
    const UnixAddress address(path);
    const bool fits = path.size() - directory.path().size() - 1 <= 90 || size <= 107;
    CHECK((address.error() == 0) == fits);
  }
  CHECK(UnixAddress(directory / std::string(200, 'n')).error() == ENAMETOOLONG);
  CHECK(UnixAddress("/nowhere/" + std::string(200, 'n') + "/s").error() == ENOENT);
}

TEST_CASE("descriptors cannot be passed to us (check 28)") {
  const TempDir directory;
  const std::string path = directory / "s";
  EventLoop loop{EventLoop::Options{}};
  Accepting accepting(loop, listening(path, 10));
  const UniqueFd client = connected(path);
  loop.turn(TimePoint::min());
  REQUIRE(accepting.accepted.size() == 1);
  std::array<char, 1> byte{'x'};
  iovec piece{byte.data(), byte.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  *reinterpret_cast<int*>(CMSG_DATA(header)) = client.get();
  // Linux 6.16 refuses at the sender; before that the kernel closes what we do not ask for.
  const ssize_t sent = ::sendmsg(client.get(), &message, MSG_NOSIGNAL);
  if (sent < 0) {
    CHECK(errno == EPERM);
  } else {
    CHECK(testing::receiveAll(accepting.accepted.front().get()) == "x");
  }
}

}  // namespace
}  // namespace peerpool::net
