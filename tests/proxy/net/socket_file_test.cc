// What is replaced, what is refused, what is left behind.

#include "proxy/net/socket_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>

#include "tests/proxy/net/file_fixture.h"

namespace peerpool::net {

namespace {

const SocketKind kKinds[] = {SocketKind::Stream, SocketKind::SeqPacket, SocketKind::Datagram};

SocketFileOptions optionsFor(const std::string& path, SocketKind kind = SocketKind::Stream) {
  SocketFileOptions options;
  options.path = path;
  options.kind = kind;
  return options;
}

std::string setUpError(const SocketFileOptions& options) {
  return errorOf([&] { SocketFile{options}; });
}

}  // namespace

TEST_CASE("a socket file is reachable while it exists and gone afterwards") {
  const SocketKind kind = GENERATE(from_range(std::begin(kKinds), std::end(kKinds)));
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  {
    SocketFile socket(optionsFor(path, kind));
    CHECK(socket.path() == path);
    CHECK(scratch.names() == std::vector<std::string>{"socket", "socket.lock"});
    CHECK(connectTo(path, kind) == 0);
    CHECK((::fcntl(socket.fd(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(socket.fd(), F_GETFD) & FD_CLOEXEC) != 0);
    const int fd = socket.fd();
    const UniqueFd taken = socket.takeSocket();
    CHECK(taken.get() == fd);
    CHECK(socket.fd() == -1);
    CHECK(connectTo(path, kind) == 0);
  }
  CHECK(scratch.names().empty());
}

TEST_CASE("a stale socket is replaced (check 21)") {
  const SocketKind before = GENERATE(from_range(std::begin(kKinds), std::end(kKinds)));
  const SocketKind kind = GENERATE(from_range(std::begin(kKinds), std::end(kKinds)));
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  bindPlainly(path, before).reset();
  const UniqueFd kept(::open(path.c_str(), O_PATH));  // So that its number is not used again.
  const ino_t stale = statOf(path).st_ino;
  const SocketFile socket(optionsFor(path, kind));
  CHECK(statOf(path).st_ino != stale);
  CHECK(connectTo(path, kind) == 0);
}

TEST_CASE("a live socket is never touched, listening or not") {
  const SocketKind before = GENERATE(from_range(std::begin(kKinds), std::end(kKinds)));
  const SocketKind kind = GENERATE(from_range(std::begin(kKinds), std::end(kKinds)));
  const bool listening = GENERATE(true, false);
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  const UniqueFd live = bindPlainly(path, before, listening);
  const ino_t inode = statOf(path).st_ino;
  CHECK(containsAll(setUpError(optionsFor(path, kind)),
                    {path + " is a socket of uid " + std::to_string(::geteuid()), "bound to it"}));
  CHECK(statOf(path).st_ino == inode);
  CHECK(scratch.names() == std::vector<std::string>{"socket"});
  if (listening && before != SocketKind::Datagram) {  // And nobody disturbed it.
    CHECK(::accept(live.get(), nullptr, nullptr) == -1);
    CHECK(errno == EAGAIN);
  }
}

TEST_CASE("a live socket with a full backlog is never touched (check 20)") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  const UniqueFd live = bindPlainly(path);
  std::vector<UniqueFd> waiting;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  int result = 0;
  while (result == 0) {
    waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    result =
        ::connect(waiting.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  }
  REQUIRE(errno == EAGAIN);
  CHECK(containsAll(setUpError(optionsFor(path)), {"bound to it"}));
}

TEST_CASE("anything but a socket is never touched") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file("name");
  const std::string target = scratch.file("target");
  std::string words;
  SECTION("a file") {
    writeFile(path, "precious");
    words = "a regular file";
  }
  SECTION("a directory") {
    REQUIRE(::mkdir(path.c_str(), 0711) == 0);
    words = "a directory";
  }
  SECTION("a fifo") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    words = "a fifo";
  }
  SECTION("a dangling symbolic link") {
    REQUIRE(::symlink("target", path.c_str()) == 0);
    words = "a symbolic link";
  }
  SECTION("a symbolic link to a stale socket") {
    bindPlainly(target).reset();
    REQUIRE(::symlink("target", path.c_str()) == 0);
    words = "a symbolic link";
  }
  SECTION("a symbolic link to a file") {
    writeFile(target, "precious");
    REQUIRE(::symlink(target.c_str(), path.c_str()) == 0);
    words = "a symbolic link";
  }
  const struct stat before = statOf(path);
  const std::vector<std::string> names = scratch.names();
  SocketFileOptions options = optionsFor(path);
  options.access = {uid_t{0}, gid_t{0}, 0666, {}};
  CHECK(containsAll(setUpError(options), {path + " is " + words,
                                          "uid " + std::to_string(::geteuid()), "choose another"}));
  CHECK(scratch.names() == names);
  CHECK(statOf(path).st_ino == before.st_ino);
  CHECK(statOf(path).st_mode == before.st_mode);
  if (words == "a regular file") {
    CHECK(readFile(path) == "precious");
  }
}

TEST_CASE("a symbolic link's target keeps mode and owner (check 18)") {
  const ScratchDirectory scratch;
  writeFile(scratch.file("target"), "precious");
  REQUIRE(::chmod(scratch.file("target").c_str(), 0640) == 0);
  REQUIRE(::symlink("target", scratch.file("name").c_str()) == 0);
  SocketFileOptions options = optionsFor(scratch.file("name"));
  options.access.mode = 0666;
  CHECK_FALSE(setUpError(options).empty());
  CHECK((statOf(scratch.file("target")).st_mode & 07777U) == 0640);
}

TEST_CASE("a name squatted by somebody else in a sticky directory stays theirs (check 16)") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory scratch;
  REQUIRE(::chmod(scratch.path().c_str(), 01777) == 0);
  const std::string path = scratch.file("socket");
  REQUIRE(runAs({61009, 61009}, [&] {
            bindPlainly(path).reset();
            return 0;
          }) == 0);
  const ino_t inode = statOf(path).st_ino;
  CHECK(containsAll(setUpError(optionsFor(path)),
                    {path, "uid 61009", "inode " + std::to_string(inode), "took the name"}));
  CHECK(statOf(path).st_ino == inode);
  REQUIRE(::unlink(path.c_str()) == 0);
  const SocketFile socket(optionsFor(path));
  CHECK(socket.warnings().size() == 2);  // /tmp and ours
  CHECK(containsAll(socket.warnings().back(), {scratch.path(), "written by others"}));
}

TEST_CASE(
    "of two starters the second is told who the first is, and the first keeps its socket (check "
    "20)") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  const SocketFile first(optionsFor(path));
  const ino_t inode = statOf(path).st_ino;
  const auto refused = [&] {
    return containsAll(setUpError(optionsFor(path)),
                       {path + " is in use", "process " + std::to_string(::getppid())});
  };
  CHECK(runAs({}, [&] { return refused() ? 0 : 1; }) == 0);
  CHECK(statOf(path).st_ino == inode);
  CHECK(connectTo(path) == 0);
  REQUIRE(::unlink(path.c_str()) == 0);  // The lock holds also without the socket.
  CHECK(runAs({}, [&] { return refused() ? 0 : 1; }) == 0);
}

TEST_CASE("after kill -9 the next start works at once and cleans up") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file(".s.PGSQL.5432");
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t pid = startAs({}, [&] {
    const SocketFile socket(optionsFor(path));
    bindPlainly(scratch.file("..s.PGSQL.5432.tmp-0123abcd")).reset();
    writeFile(scratch.file("..s.PGSQL.5432.tmp-89abcdef"), "");
    if (::write(ready[1], "x", 1) == 1) {
      ::pause();
    }
    return 1;
  });
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  ::kill(pid, SIGKILL);
  CHECK(finish(pid) == -1);
  ::close(ready[0]);
  ::close(ready[1]);
  CHECK(scratch.names().size() == 4);
  CHECK(connectTo(path) == ECONNREFUSED);
  {
    const SocketFile socket(optionsFor(path));
    CHECK(connectTo(path) == 0);
    CHECK(scratch.names() == std::vector<std::string>{".s.PGSQL.5432", ".s.PGSQL.5432.lock"});
  }
  CHECK(scratch.names().empty());
}

TEST_CASE("cleaning removes only our own left-overs of this name") {
  const ScratchDirectory scratch;
  std::vector<std::string> kept = {".other.tmp-01234567", ".socket.tmp-0123456",
                                   ".socket.tmp-012345678", ".socket.tmp-0123456g",
                                   "socket.tmp-01234567"};
  for (const std::string& name : kept) {
    writeFile(scratch.file(name), "");
  }
  REQUIRE(::mkdir(scratch.file(".socket.tmp-aaaaaaaa").c_str(), 0700) == 0);
  kept.push_back(".socket.tmp-aaaaaaaa");
  if (::geteuid() == 0) {
    writeFile(scratch.file(".socket.tmp-bbbbbbbb"), "");
    REQUIRE(::chown(scratch.file(".socket.tmp-bbbbbbbb").c_str(), 61009, 61009) == 0);
    kept.push_back(".socket.tmp-bbbbbbbb");
  }
  writeFile(scratch.file(".socket.tmp-01234567"), "");
  { const SocketFile socket(optionsFor(scratch.file("socket"))); }
  std::sort(kept.begin(), kept.end());
  CHECK(scratch.names() == kept);
}

TEST_CASE("only the own socket is removed, whoever took its place") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  auto socket = std::make_unique<SocketFile>(optionsFor(path));
  REQUIRE(::unlink(path.c_str()) == 0);
  SECTION("a file") { writeFile(path, "theirs"); }
  SECTION("a socket, although ours was closed long ago") {
    socket->takeSocket().reset();
    bindPlainly(path).reset();
  }
  const ino_t inode = statOf(path).st_ino;
  socket.reset();
  CHECK(statOf(path).st_ino == inode);
  CHECK(scratch.names() == std::vector<std::string>{"socket"});
}

TEST_CASE("who has connected sees the path as the peer's address, also after kill -9") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file(".s.PGSQL.5432");
  const SocketKind kind = GENERATE(SocketKind::Stream, SocketKind::SeqPacket);
  if (GENERATE(false, true)) {
    bindPlainly(path).reset();  // Stale.
  }
  const SocketFile socket(optionsFor(path, kind));
  const UniqueFd client(
      ::socket(AF_UNIX, (kind == SocketKind::Stream ? SOCK_STREAM : SOCK_SEQPACKET), 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
          0);
  sockaddr_un peer{};
  socklen_t length = sizeof peer;
  REQUIRE(::getpeername(client.get(), reinterpret_cast<sockaddr*>(&peer), &length) == 0);
  CHECK(std::string(peer.sun_path) == path);
}

TEST_CASE("paths may be longer than a socket address, names up to the limit (check 24)") {
  const ScratchDirectory scratch;
  std::string directory = scratch.path();
  for (int i = 0; i < 3; ++i) {
    directory += '/' + std::string(90, 'd');
  }
  createDirectory({directory, 0755, {}, {}});
  const std::string name(kMaxSocketName, 'n');
  const SocketFile socket(optionsFor(directory + '/' + name));
  const UniqueFd fd(::open(directory.c_str(), O_PATH | O_DIRECTORY));
  CHECK(connectTo("/proc/self/fd/" + std::to_string(fd.get()) + '/' + name) == 0);
  const std::string long_path = directory + '/' + name + 'n';
  CHECK(containsAll(setUpError(optionsFor(long_path)), {long_path, "69 bytes, at most 68"}));
}

TEST_CASE("the name limit leaves room for the largest descriptor") {
  const std::string longest =
      "/proc/self/fd/2147483647/." + std::string(kMaxSocketName, 'n') + ".tmp-01234567";
  CHECK(longest.size() < sizeof(sockaddr_un::sun_path));
}

TEST_CASE("paths that name no file are refused") {
  for (const char* const path : {"", "socket", "/", "/tmp/", "/tmp/.", "/tmp/.."}) {
    CHECK(containsAll(setUpError(optionsFor(path)), {"must be absolute and name a file"}));
  }
}

TEST_CASE("a directory that cannot be trusted or written is refused before anything is made") {
  if (skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory scratch;
  CHECK(runAs({61001, 61001}, [&] {
          return containsAll(setUpError(optionsFor(scratch.file("socket"))), {"uid 61001"}) ? 0 : 1;
        }) == 0);
  REQUIRE(::chmod(scratch.path().c_str(), 0777) == 0);
  CHECK(containsAll(setUpError(optionsFor(scratch.file("socket"))),
                    {scratch.path(), "written by others", "chmod go-w"}));
  CHECK(scratch.names().empty());
}

TEST_CASE("descriptors cannot be passed where the kernel can refuse them (check 28)") {
  const ScratchDirectory scratch;
  const SocketFile socket(optionsFor(scratch.file("socket")));
  int value = 1;
  socklen_t length = sizeof(value);
  if (::getsockopt(socket.fd(), SOL_SOCKET, 83, &value, &length) == 0) {
    CHECK(value == 0);
  } else {
    CHECK(errno == ENOPROTOOPT);
  }
}

}  // namespace peerpool::net
