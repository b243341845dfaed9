// Real processes: in cgroups and namespaces of their own, dead, and replaced.

#include "auth/process_reader.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "auth/peer.h"
#include "tests/support/cgroup.h"
#include "tests/support/credentials.h"
#include "tests/support/peer_process.h"

namespace peerpool::auth {
namespace {

using testing::PeerProcess;
using testing::PeerSocket;
using testing::ScopedCgroup;

Looks allLooks() {
  Looks looks;
  looks.cgroup = looks.apart = true;
  return looks;
}

ProcessFacts look(int fd, const Looks& looks = allLooks()) {
  const auto peer = readPeer(fd);
  REQUIRE(peer);
  ProcessReader reader;
  return *reader.look(fd, *peer, looks).facts;
}

std::string unitOf(const ProcessFacts& facts) {
  const CgroupPlace* const place = facts.cgroup.find();
  return place == nullptr ? "unknown: " + facts.cgroup.whyNot() : place->unit;
}

std::string apartOf(const ProcessFacts& facts) {
  const bool* const apart = facts.apart.find();
  return apart == nullptr ? "unknown: " + facts.apart.whyNot() : *apart ? "yes" : "no";
}

/// What many a program believes: the last part of the path that looks like a service.
std::string naiveUnitOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string path = cgroup2Path(text).value_or("");
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool writeFile(const char* path, const char* text) {
  const int fd = ::open(path, O_WRONLY);
  const bool done = fd >= 0 && ::write(fd, text, std::strlen(text)) >= 0;
  ::close(fd);
  return done;
}

bool isOldKernel() {
  return !kernelNamesPeers() && testing::skipBecause("the kernel has no SO_PEERPIDFD");
}

TEST_CASE("A process is found in the unit of its cgroup") {
  if (isOldKernel() || !testing::canMakeCgroups()) {
    return;
  }
  const std::string name = testing::uniqueName() + ".service";
  const ScopedCgroup cgroup("/pp.slice/pp-test.slice/" + name);
  const PeerSocket socket;
  const PeerProcess process(socket, {[&] { return cgroup.enter(); }});
  const ProcessFacts facts = look(process.fd());
  CHECK(unitOf(facts) == name);
  CHECK(facts.cgroup.find()->slices == std::vector<std::string>{"pp.slice", "pp-test.slice"});
  CHECK(apartOf(facts) == "no");
}

TEST_CASE("A cgroup that was seen once is known by its number, and a move is noticed") {
  if (isOldKernel() || !testing::canMakeCgroups()) {
    return;
  }
  const std::string first = testing::uniqueName() + ".service";
  const std::string second = testing::uniqueName() + ".service";
  const ScopedCgroup one("/pp.slice/" + first);
  const ScopedCgroup other("/pp.slice/" + second);
  const PeerSocket socket;
  const PeerProcess process(socket, {[&] { return one.enter(); }});
  const auto peer = readPeer(process.fd());
  REQUIRE(peer);
  ProcessReader reader;
  CHECK(unitOf(*reader.look(process.fd(), *peer, allLooks()).facts) == first);
  CHECK(unitOf(*reader.look(process.fd(), *peer, allLooks()).facts) == first);
  REQUIRE(other.enter(process.pid()));
  CHECK(unitOf(*reader.look(process.fd(), *peer, allLooks()).facts) == second);
}

TEST_CASE("A user's manager cannot pass for a unit of the system (check 6)") {
  if (isOldKernel() || !testing::canMakeCgroups()) {
    return;
  }
  const std::string slice = testing::uniqueName() + ".slice";
  const ScopedCgroup cgroup("/user.slice/" + slice +
                            "/user@6500.service/app.slice/postgresql.service");
  const PeerSocket socket;
  const PeerProcess process(socket, {[&] { return cgroup.enter(); }});
  CHECK(naiveUnitOf(process.pid()) == "postgresql.service");
  const ProcessFacts facts = look(process.fd());
  CHECK(unitOf(facts) == "user@6500.service");
  CHECK(facts.cgroup.find()->user_unit == "postgresql.service");
}

TEST_CASE("Who takes over the number of a dead process is not taken for it (check 3)") {
  if (isOldKernel() || !testing::canMakeCgroups()) {
    return;
  }
  const std::string trusted = testing::uniqueName() + ".service";
  const ScopedCgroup cgroup("/pp.slice/" + trusted);
  const PeerSocket socket;
  // The connection outlives its process: a child of it has the other end.
  PeerProcess process(socket, {[] { return true; },
                               {},
                               [] {
                                 if (::fork() == 0) {
                                   ::sleep(5);
                                 }
                               }});
  const pid_t number = process.pid();
  process.proceed();
  const pid_t innocent = testing::forkWithPid(number, [&] {
    static_cast<void>(cgroup.enter());
    ::pause();
  });
  if (innocent < 0) {
    testing::skipBecause("no process with a number of choice can be made");
    return;
  }
  REQUIRE(innocent == number);
  REQUIRE(cgroup.enter(innocent));
  CHECK(naiveUnitOf(number) == trusted);
  CHECK(readPeer(process.fd())->pid == number);
  CHECK(unitOf(look(process.fd())) == "unknown: it ended before it was looked at");
  CHECK(apartOf(look(process.fd())) == "unknown: it ended before it was looked at");
  ::kill(innocent, SIGKILL);
  ::waitpid(innocent, nullptr, 0);
}

TEST_CASE("Of a process that exited before it was accepted only its ids are known (check 7)") {
  if (isOldKernel() || testing::skipWithoutRoot()) {
    return;
  }
  const PeerSocket socket;
  PeerProcess process(socket, {[] { return ::setresuid(6100, 6100, 6100) == 0; }});
  process.proceed();
  CHECK(readPeer(process.fd())->uid == 6100);
  CHECK(unitOf(look(process.fd())) == "unknown: it ended before it was looked at");
}

TEST_CASE("A process that changed its uid since it connected is in no unit (check 8)") {
  if (isOldKernel() || testing::skipWithoutRoot()) {
    return;
  }
  const PeerSocket socket;
  const PeerProcess process(socket, {[] { return ::seteuid(6100) == 0; }});
  CHECK(apartOf(look(process.fd())) == "no");
  // As after exec(2) of a program with setuid: the same process, another uid.
  PeerProcess changing(socket, {[] { return ::seteuid(6100) == 0; },
                                {},
                                [] {
                                  static_cast<void>(::seteuid(0));
                                  ::pause();
                                }});
  const int fd = changing.fd();
  CHECK(readPeer(fd)->uid == 6100);
  std::string said;
  changing.let();
  for (int attempt = 0; attempt < 2000 && said.find("uid") == std::string::npos; ++attempt) {
    said = unitOf(look(fd));
    ::usleep(1000);
  }
  CHECK(said == "unknown: it has changed its uid since it connected");
}

TEST_CASE("A process in a user namespace of its own is apart (check 10)") {
  if (isOldKernel() || testing::skipWithoutRoot()) {
    return;
  }
  const PeerSocket socket;
  PeerProcess::Steps steps;
  steps.prepare = [] { return writeFile("/proc/self/uid_map", "0 0 1"); };
  steps.namespaces = CLONE_NEWUSER;
  const PeerProcess process(socket, steps);
  CHECK(readPeer(process.fd())->uid == 0);
  CHECK(apartOf(look(process.fd())) == "yes");
}

TEST_CASE("A process in a pid namespace of its own is apart") {
  if (isOldKernel() || testing::skipWithoutRoot()) {
    return;
  }
  const PeerSocket socket;
  // The namespace is that of the children; the child's connection is what is looked at.
  const PeerProcess process(socket, {[] {
                              if (::unshare(CLONE_NEWPID) != 0) {
                                return false;
                              }
                              const pid_t child = ::fork();
                              if (child > 0) {
                                ::waitpid(child, nullptr, 0);
                                ::_exit(0);
                              }
                              return child == 0;
                            }});
  CHECK(apartOf(look(process.fd())) == "yes");
}

TEST_CASE("A mount namespace with the host's root is a hardened service and not a container") {
  if (isOldKernel() || testing::skipWithoutRoot()) {
    return;
  }
  const PeerSocket socket;
  const PeerProcess process(socket, {[] { return ::unshare(CLONE_NEWNS) == 0; }});
  CHECK(apartOf(look(process.fd())) == "no");
}

TEST_CASE("A process with another root is apart") {
  if (isOldKernel() || testing::skipWithoutRoot()) {
    return;
  }
  const PeerSocket socket;
  const testing::TempDir root;
  const std::string inside = root / "in";
  const std::string& outside = socket.directory();
  const PeerProcess process(
      socket, {[&] {
                 return ::unshare(CLONE_NEWNS) == 0 &&
                        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                        ::mount("none", root.path().c_str(), "tmpfs", 0, nullptr) == 0 &&
                        ::mkdir(inside.c_str(), 0755) == 0 &&
                        ::mount(outside.c_str(), inside.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
                        ::chdir(root.path().c_str()) == 0 &&
                        ::syscall(SYS_pivot_root, ".", ".") == 0 && ::umount2(".", MNT_DETACH) == 0;
               },
               "/in/s"});
  CHECK(apartOf(look(process.fd())) == "yes");
}

TEST_CASE("What nobody asks for is not looked at") {
  const PeerSocket socket;
  const PeerProcess process(socket, {});
  const ProcessFacts facts = look(process.fd(), Looks{});
  CHECK(unitOf(facts) == "unknown: nobody looked at it");
  CHECK(apartOf(facts) == "unknown: nobody looked at it");
  CHECK(facts.label.whyNot() == "nobody looked at it");
}

TEST_CASE("A label is known or says why not") {
  const PeerSocket socket;
  const PeerProcess process(socket, {});
  Looks looks;
  looks.label = true;
  const ProcessFacts facts = look(process.fd(), looks);
  CHECK(
      (facts.label.isKnown() || facts.label.whyNot().find("security module") != std::string::npos));
}

TEST_CASE("Without a pidfd nothing is known unless a race is accepted (check 56)") {
  Looks looks = allLooks();
  Identity peer;
  peer.known = true;
  peer.pid = ::getpid();
  peer.uid = ::geteuid();
  ProcessReader reader;
  CHECK(apartOf(*reader.look(-1, peer, looks).facts) ==
        "unknown: getsockopt(SO_PEERPIDFD): Bad file descriptor");
  looks.racy = true;
  CHECK(apartOf(*reader.look(-1, peer, looks).facts) == "no");
}

TEST_CASE("Surroundings are read from the texts of /proc") {
  const Surroundings found = readSurroundings(
      "         0     100000      65536\n", "Name:\tx\nNSpid:\t4711\t12\nNSsid:\t1\n",
      "30 29 0:5 / /proc rw - proc proc rw\n31 28 254:0 /sub / rw - ext4 /dev/vda rw\n");
  CHECK(found.uid_map == "         0     100000      65536\n");
  CHECK(found.pid_depth == 2);
  CHECK(found.root == "254:0 /sub");
  CHECK(readSurroundings("", "NSpid", "31 28 254:0 /").pid_depth == 0);
  CHECK(readSurroundings("", "", "31 28 254:0 / /x rw\n").root.empty());
}

}  // namespace
}  // namespace peerpool::auth
