// What the kernel says of real peers: children that take other ids and connect.

#include "auth/peer.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "proxy/base/unique_fd.h"
#include "tests/support/credentials.h"
#include "tests/support/temp_dir.h"

namespace peerpool::auth {
namespace {

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

/// A listening socket in a scratch directory that every uid can reach.
class Listener {
 public:
  explicit Listener(int type = SOCK_STREAM) : type_(type), fd_(::socket(AF_UNIX, type, 0)) {
    const sockaddr_un address = addressOf(path());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::chmod(path().c_str(), 0666) == 0);
    REQUIRE(::listen(fd_.get(), 8) == 0);
  }

  [[nodiscard]] std::string path() const { return directory_ / "s"; }

  /// Runs `prepare`, connects and runs `after` in a child; returns the accepted connection once the
  /// child has ended.
  [[nodiscard]] UniqueFd acceptFrom(
      const std::function<bool()>& prepare, pid_t& child,
      const std::function<bool()>& after = [] { return true; }) {
    const sockaddr_un address = addressOf(path());
    child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const int fd = ::socket(AF_UNIX, type_, 0);
      const bool done =
          prepare() &&
          ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
          after();
      ::_exit(done ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
    UniqueFd accepted(::accept(fd_.get(), nullptr, nullptr));
    REQUIRE(accepted);
    return accepted;
  }

 private:
  int type_;
  UniqueFd fd_;
  testing::TempDir directory_;
};

bool become(uid_t uid, gid_t gid, const std::vector<gid_t>& groups) {
  return ::setgroups(groups.size(), groups.data()) == 0 && ::setresgid(gid, gid, gid) == 0 &&
         ::setresuid(uid, uid, uid) == 0;
}

TEST_CASE("the peer of a socket pair is this process") {
  int fds[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  const UniqueFd left(fds[0]);
  const UniqueFd right(fds[1]);
  const auto peer = readPeer(left.get(), {.uid = kNoUid - 1, .gid = kNoGid - 1});
  REQUIRE(peer);
  CHECK(peer->known);
  CHECK(peer->pid == ::getpid());
  CHECK(peer->uid == ::geteuid());
  CHECK(peer->gid == ::getegid());
  CHECK(peer->user.empty());
  const auto self = readSelf();
  REQUIRE(self);
  CHECK(self->uid == peer->uid);
  CHECK(self->groups == peer->groups);
}

TEST_CASE("what is no socket is an error") {
  const auto bad = readPeer(-1);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == ErrorCode::System);
  int pipes[2];
  REQUIRE(::pipe(pipes) == 0);
  const UniqueFd reader(pipes[0]);
  const UniqueFd writer(pipes[1]);
  CHECK_FALSE(readPeer(reader.get()));
}

TEST_CASE("a datagram socket has no peer that the kernel names") {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM, 0));
  const auto peer = readPeer(fd.get());
  REQUIRE(peer);
  CHECK_FALSE(peer->known);
  CHECK(peer->pid == 0);
  CHECK(peer->uid == kNoUid);
  CHECK_FALSE(peer->inGroup(kNoGid));
}

TEST_CASE("the overflow uid is no identity (check 9)") {
  int fds[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  const UniqueFd left(fds[0]);
  const UniqueFd right(fds[1]);
  const auto peer = readPeer(left.get(), {.uid = ::geteuid(), .gid = 65534});
  REQUIRE(peer);
  CHECK_FALSE(peer->known);
  CHECK(peer->uid == ::geteuid());
  CHECK(readOverflowIds().uid != 0);
}

TEST_CASE("primary and supplementary groups of another account are seen (check 14)") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
    Listener listener(type);
    pid_t child = 0;
    const UniqueFd fd = listener.acceptFrom([] { return become(6001, 6101, {6201, 6202}); }, child);
    const auto peer = readPeer(fd.get());
    REQUIRE(peer);
    CHECK(peer->known);
    CHECK(peer->pid == child);
    CHECK(peer->uid == 6001);
    CHECK(peer->gid == 6101);
    CHECK(peer->groups == std::vector<gid_t>{6201, 6202});
    CHECK(peer->inGroup(6101));
    CHECK(peer->inGroup(6202));
    CHECK_FALSE(peer->inGroup(0));
  }
}

TEST_CASE("more groups than the first buffer holds are read completely") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  for (const std::size_t count : {0U, 1U, 32U, 33U, 5000U}) {
    std::vector<gid_t> groups(count);
    std::iota(groups.begin(), groups.end(), 7000U);
    Listener listener;
    pid_t child = 0;
    const UniqueFd fd = listener.acceptFrom([&] { return become(6001, 6101, groups); }, child);
    const auto peer = readPeer(fd.get());
    REQUIRE(peer);
    CHECK(peer->groups == groups);
  }
}

TEST_CASE("the effective uid at connect counts, whatever it becomes later") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  Listener listener;
  pid_t child = 0;
  const UniqueFd fd = listener.acceptFrom(
      [] { return ::setgroups(0, nullptr) == 0 && ::setresuid(6000, 6001, 6002) == 0; }, child,
      [] { return ::setresuid(6002, 6002, 6002) == 0; });
  const auto peer = readPeer(fd.get());
  REQUIRE(peer);
  CHECK(peer->uid == 6001);
}

}  // namespace
}  // namespace peerpool::auth
