// Unauthorised processes that never stop trying, while sockets are set up: none gets in, not for an
// instant, not by the temporary name. [.long] does it 100 000 times for each kind.

#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <new>

#include "tests/proxy/net/file_fixture.h"

namespace peerpool::net {

namespace {

constexpr gid_t kOwningGroup = 62001;

// In memory shared with the intruders.
struct Tally {
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> met{0};  ///< Attempts that found a file, whatever came of it.
  std::atomic<std::uint64_t> met_temporary{0};
  std::atomic<std::uint64_t> intrusions{0};
  std::atomic<bool> stop{false};
};

class SharedTally {
 public:
  SharedTally()
      : memory_(::mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0)) {
    REQUIRE(memory_ != MAP_FAILED);
    tally_ = new (memory_) Tally;
  }
  ~SharedTally() { ::munmap(memory_, sizeof(Tally)); }
  SharedTally(const SharedTally&) = delete;
  SharedTally& operator=(const SharedTally&) = delete;
  Tally* operator->() const noexcept { return tally_; }
  Tally& operator*() const noexcept { return *tally_; }

 private:
  void* memory_;
  Tally* tally_ = nullptr;
};

class Intruder {
 public:
  Intruder(Tally& tally, SocketKind kind) : tally_(tally), kind_(kind) {}

  void attempt(const std::string& path, bool temporary) {
    if (!fd_) {
      fd_ = makeClient(kind_);
    }
    sends_ = kind_ == SocketKind::Datagram && !sends_;  // Alternately; either needs permission.
    const int result = sends_ ? trySend(fd_.get(), path) : tryConnect(fd_.get(), path);
    ++tally_.attempts;
    tally_.met += result != ENOENT;
    tally_.met_temporary += result != ENOENT && temporary;
    if (result == 0 || result == EAGAIN) {
      ++tally_.intrusions;
      fd_.reset();
    }
  }

  // Tries the final name, and the newest other one as soon as the kernel tells of it. Returns the
  // exit status.
  int hammer(const std::string& directory, const std::string& name, bool watches) {
    const UniqueFd watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (watches && ::inotify_add_watch(watch.get(), directory.c_str(), IN_CREATE) < 0) {
      return 1;
    }
    const std::string path = directory + '/' + name;
    while (!tally_.stop) {
      for (int i = 0; i < 16; ++i) {
        attempt(path, false);
      }
      const std::string newest = watches ? newestName(watch.get()) : "";
      for (int i = 0; i < 8 && !newest.empty(); ++i) {
        attempt(directory + '/' + newest, true);
      }
    }
    return 0;
  }

 private:
  static std::string newestName(int watch) {
    alignas(inotify_event) std::array<char, 8192> buffer{};
    const ssize_t length = ::read(watch, buffer.data(), buffer.size());
    std::string newest;
    for (ssize_t at = 0; at < length;) {
      const auto* const event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      newest = event->len > 0 ? event->name : newest;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
    return newest;
  }

  Tally& tally_;
  SocketKind kind_;
  UniqueFd fd_;
  bool sends_ = false;
};

// Three intruders, among them a member of the socket's owning group, which has no permission
// either.
class Intruders {
 public:
  Intruders(Tally& tally, const std::string& directory, const std::string& name, SocketKind kind)
      : tally_(tally) {
    const std::array<Credentials, 3> accounts = {Credentials{61009, 61009, {}},
                                                 Credentials{61010, kOwningGroup, {}},
                                                 Credentials{65534, 65534, {}}};
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      pids_[i] = startAs(accounts[i], [&, i] {
        // The other processor is theirs all the same, and the set-ups get on.
        return ::nice(10) == -1 ? 1 : Intruder(tally, kind).hammer(directory, name, i < 2);
      });
    }
  }
  ~Intruders() { end(); }
  Intruders(const Intruders&) = delete;
  Intruders& operator=(const Intruders&) = delete;
  void end() {
    tally_.stop = true;
    for (pid_t& pid : pids_) {
      if (pid > 0) {
        CHECK(finish(pid) == 0);
        pid = 0;
      }
    }
  }

 private:
  Tally& tally_;
  std::array<pid_t, 3> pids_{};
};

// Connections or datagrams that got through to the socket.
std::uint64_t countArrivals(int fd, SocketKind kind) {
  std::uint64_t arrivals = 0;
  char byte = 0;
  while (kind == SocketKind::Datagram ? ::recv(fd, &byte, 1, 0) >= 0
                                      : UniqueFd(::accept(fd, nullptr, nullptr)).valid()) {
    ++arrivals;
  }
  return arrivals;
}

void stress(const std::string& below, SocketKind kind, int rounds) {
  const UmaskScope scope(0);
  const ScratchDirectory scratch(below);
  const SharedTally tally;
  // The hard case: the group bits of the file's mode are the mask and not the owning group's.
  SocketFileOptions options{scratch.file("socket"), kind, {}, 64};
  options.access = {std::nullopt, kOwningGroup, 0600, {{61002, false}}};
  std::uint64_t arrivals = 0;
  const auto start = std::chrono::steady_clock::now();
  {
    Intruders intruders(*tally, scratch.path(), "socket", kind);
    for (int i = 0; i < rounds; ++i) {
      const SocketFile socket(options);
      arrivals += countArrivals(socket.fd(), kind);
    }
    intruders.end();
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::cout << below << " kind " << static_cast<int>(kind) << ": " << rounds << " set-ups, "
            << tally->attempts << " attempts, " << tally->met << " met a file, "
            << tally->met_temporary << " a temporary one, " << tally->intrusions << " intrusions, "
            << elapsed.count() << " s" << std::endl;
  CHECK(tally->met > 0);
  CHECK(tally->intrusions == 0);
  CHECK(arrivals == 0);
}

}  // namespace

TEST_CASE("nobody who may not gets in during 2000 set-ups of stream sockets (check 19)") {
  if (skipWithoutRoot()) {
    return;
  }
  stress("/dev/shm", SocketKind::Stream, 2000);
  stress("/tmp", SocketKind::Stream, 2000);
}

TEST_CASE("nobody who may not gets in during 2000 set-ups of seqpacket sockets (check 19)") {
  if (skipWithoutRoot()) {
    return;
  }
  stress("/dev/shm", SocketKind::SeqPacket, 2000);
  stress("/tmp", SocketKind::SeqPacket, 2000);
}

TEST_CASE("nobody who may not gets in during 2000 set-ups of datagram sockets (check 19)") {
  if (skipWithoutRoot()) {
    return;
  }
  stress("/dev/shm", SocketKind::Datagram, 2000);
  stress("/tmp", SocketKind::Datagram, 2000);
}

TEST_CASE("nobody who may not gets in during 100 000 set-ups (check 19)", "[.long]") {
  if (skipWithoutRoot()) {
    return;
  }
  const SocketKind kind = GENERATE(SocketKind::Stream, SocketKind::SeqPacket, SocketKind::Datagram);
  const std::string below = GENERATE("/tmp", "/dev/shm");
  stress(below, kind, 100'000);
}

TEST_CASE("the intruder gets in where the mode is set after bind") {
  if (skipWithoutRoot()) {
    return;
  }
  const UmaskScope scope(0);
  const ScratchDirectory scratch;
  const SharedTally tally;
  const std::string path = scratch.file("socket");
  Intruders intruders(*tally, scratch.path(), "socket", SocketKind::Datagram);
  for (int i = 0; i < 50'000 && tally->intrusions == 0; ++i) {
    const UniqueFd socket = bindPlainly(path, SocketKind::Datagram);
    ::chmod(path.c_str(), 0600);
    ::unlink(path.c_str());
  }
  CHECK(tally->intrusions > 0);
}

}  // namespace peerpool::net
