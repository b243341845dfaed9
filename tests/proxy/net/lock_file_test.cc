// The lock file: between peerpools, and beside PostgreSQL's (made by hand here;
// postgres_lock_test.cc has the real one).

#include "proxy/net/lock_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "proxy/net/directory.h"
#include "tests/proxy/net/file_fixture.h"

namespace peerpool::net {

namespace {

// A scratch directory and the lock on one name in it.
struct Place {
  explicit Place(std::string socket_name = ".s.PGSQL.5432") : name(std::move(socket_name)) {}
  [[nodiscard]] std::unique_ptr<LockFile> take() const {
    return std::make_unique<LockFile>(directory.fd.get(), scratch.path(), name);
  }
  [[nodiscard]] std::string error() const {
    return errorOf([&] { static_cast<void>(take()); });
  }
  [[nodiscard]] std::string file() const { return scratch.file(name + ".lock"); }

  ScratchDirectory scratch;
  CheckedDirectory directory = openCheckedDirectory(scratch.path());
  std::string name;
};

// A process that lives until the scope ends.
class Sleeper {
 public:
  explicit Sleeper(const Credentials& account = {})
      : pid_(startAs(account, [] { return ::pause(); })) {}
  ~Sleeper() { end(); }
  void end() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      static_cast<void>(finish(pid_));
      pid_ = 0;
    }
  }
  [[nodiscard]] std::string pid() const { return std::to_string(pid_); }

 private:
  pid_t pid_;
};

}  // namespace

TEST_CASE("PostgreSQL's socket names are recognised by their port") {
  CHECK(postgresPort(".s.PGSQL.5432") == 5432);
  CHECK(postgresPort(".s.PGSQL.65535") == 65535);
  for (const char* const other : {".s.PGSQL.", ".s.PGSQL.x", ".s.PGSQL.5432x", ".s.PGSQL.70000",
                                  ".s.PGSQL.99999999999", "s.PGSQL.5432", "redis.sock", ""}) {
    CHECK(postgresPort(other) == 0);
  }
}

TEST_CASE("a lock file's content is read as far as it goes") {
  struct Case {
    const char* text;
    pid_t pid;  ///< 0: not a lock file.
    const char* data_directory;
  };
  for (const Case& each : std::initializer_list<Case>{
           {"123\n/data\n1\n5432\n/tmp\n", 123, "/data"},
           {"-123\n/data\n", 123, "/data"},
           {"7\npeerpool\n", 7, "peerpool"},
           {"7", 7, ""},
           {"", 0, ""},
           {"\n", 0, ""},
           {"0\n", 0, ""},
           {"12x\n", 0, ""},
           {" 12\n", 0, ""},
           {"99999999999\n", 0, ""},
           {"-2147483648\n", 0, ""},
           {"2147483647\n", 2147483647, ""},
           {"2147483648\n", 0, ""},
       }) {
    CAPTURE(each.text);
    const std::optional<LockContent> content = parseLockContent(each.text);
    CHECK((content ? content->pid : 0) == each.pid);
    CHECK((content ? content->data_directory : "") == each.data_directory);
    CHECK((content && content->writtenByPeerpool()) == (std::string(each.text) == "7\npeerpool\n"));
  }
}

TEST_CASE("the lock file has PostgreSQL's five lines and mode, and goes with its owner") {
  const mode_t mask = GENERATE(0U, 077U, 0777U);
  const UmaskScope scope(mask);
  const Place place;
  {
    const auto lock = place.take();
    CHECK(lock->inPlace());
    const std::string start = std::to_string(statOf(place.file()).st_mtime);
    CHECK(readFile(place.file()) == std::to_string(::getpid()) + "\npeerpool\n" + start +
                                        "\n5432\n" + place.scratch.path() + "\n");
    CHECK((statOf(place.file()).st_mode & 07777U) == 0600);
    CHECK(place.scratch.names() == std::vector<std::string>{place.name + ".lock"});
  }
  CHECK(place.scratch.names().empty());
  const Place other("redis.sock");
  const auto lock = other.take();
  CHECK(containsAll(readFile(other.file()), {"\npeerpool\n", "\n0\n"}));
}

TEST_CASE("a second taker is told who holds the lock") {
  const Place place;
  const auto lock = place.take();
  CHECK(containsAll(place.error(),
                    {place.scratch.file(place.name) + " is in use",
                     "process " + std::to_string(::getpid()) + " holds the lock", place.file()}));
  CHECK(lock->inPlace());
  CHECK(place.scratch.names() == std::vector<std::string>{place.name + ".lock"});
}

TEST_CASE("what a killed peerpool left is taken over, even when its pid is in use again") {
  const Place place;
  const Sleeper reused;
  writeFile(place.file(), reused.pid() + "\npeerpool\n1\n5432\n/tmp\n");
  const auto lock = place.take();
  CHECK(lock->inPlace());
  CHECK(parseLockContent(readFile(place.file()))->pid == ::getpid());
}

TEST_CASE("PostgreSQL's lock counts while its process lives") {
  const Place place;
  Sleeper postmaster;
  const std::string sign = GENERATE("", "-");
  const std::string text = sign + postmaster.pid() + "\n/var/lib/data\n1\n5432\n/tmp\n";
  writeFile(place.file(), text);
  CHECK(containsAll(place.error(),
                    {"in use", "process " + postmaster.pid(), "/var/lib/data", place.file()}));
  CHECK(readFile(place.file()) == text);
  postmaster.end();
  CHECK(place.error().empty());
}

TEST_CASE("a living process of another account counts too") {
  if (skipWithoutRoot()) {
    return;
  }
  const Place place;
  const Sleeper postmaster({61002, 61002});
  writeFile(place.file(), postmaster.pid() + "\n/var/lib/data\n1\n5432\n/tmp\n");
  REQUIRE(::chown(place.file().c_str(), 61001, 61001) == 0);
  REQUIRE(::chown(place.scratch.path().c_str(), 61001, 61001) == 0);
  const auto tryAs = [&](uid_t uid) {
    return runAs({uid, uid}, [&] {
      return containsAll(place.error(), {"process " + postmaster.pid()}) ? 0 : 1;
    });
  };
  CHECK(tryAs(61001) == 0);  // kill() gives EPERM.
  CHECK(tryAs(0) == 0);
}

TEST_CASE("a lock file that cannot be understood is left alone") {
  const Place place;
  const auto refuses = [&](const std::vector<std::string>& words) {
    const std::string error = place.error();
    CAPTURE(error);
    CHECK(containsAll(error, words));
    CHECK(containsAll(error, {place.file()}));
    CHECK(place.scratch.names() == std::vector<std::string>{place.name + ".lock"});
  };
  SECTION("empty: a postmaster is just starting") {
    writeFile(place.file(), "");
    refuses({"is empty", "starting"});
  }
  SECTION("no pid") {
    writeFile(place.file(), "hello\n");
    refuses({"holds no pid"});
  }
  SECTION("a directory") {
    REQUIRE(::mkdir(place.file().c_str(), 0700) == 0);
    refuses({"a directory"});
  }
  SECTION("a fifo") {
    REQUIRE(::mkfifo(place.file().c_str(), 0600) == 0);
    refuses({"a fifo"});
  }
  SECTION("a symbolic link, whose target stays untouched") {
    const ScratchDirectory elsewhere;
    writeFile(elsewhere.file("target"), "1\npeerpool\n");
    REQUIRE(::symlink(elsewhere.file("target").c_str(), place.file().c_str()) == 0);
    refuses({"a symbolic link"});
    CHECK(readFile(elsewhere.file("target")) == "1\npeerpool\n");
  }
}

TEST_CASE("a stale lock file of another account is not ours to remove") {
  if (skipWithoutRoot()) {
    return;
  }
  const Place place;
  writeFile(place.file(), "1\npeerpool\n1\n5432\n/tmp\n");
  REQUIRE(::chown(place.file().c_str(), 61002, 61002) == 0);
  CHECK(containsAll(place.error(), {"stale but not ours", "uid 61002"}));
  REQUIRE(::chown(place.scratch.path().c_str(), 61001, 61001) == 0);
  REQUIRE(::chmod(place.file().c_str(), 0600) == 0);
  CHECK(runAs({61001, 61001}, [&] {
          return containsAll(place.error(), {"cannot open lock file", "uid 61002"}) ? 0 : 1;
        }) == 0);
}

TEST_CASE("a replaced lock file is noticed and left to its new owner") {
  const Place place;
  auto lock = place.take();
  REQUIRE(::unlink(place.file().c_str()) == 0);
  CHECK_FALSE(lock->inPlace());
  const auto second = place.take();
  CHECK_FALSE(lock->inPlace());
  lock.reset();
  CHECK(second->inPlace());
}

TEST_CASE("of many who start at once, one at a time holds the lock") {
  const Place place;
  std::atomic<int> inside{0};
  std::atomic<int> broken{0};
  std::atomic<int> taken{0};
  const auto contend = [&] {
    while (taken < 2000) {
      std::unique_ptr<LockFile> lock;
      // EADDRINUSE is the rival; "keeps changing" can happen in such a storm.
      if (errorOf([&] { lock = place.take(); }).empty()) {
        broken += ++inside != 1;
        std::this_thread::yield();
        broken += !lock->inPlace();
        ++taken;
        --inside;
      }
    }
  };
  std::thread others[] = {std::thread(contend), std::thread(contend), std::thread(contend)};
  contend();
  for (std::thread& other : others) {
    other.join();
  }
  CHECK(broken == 0);
  CHECK(place.scratch.names().empty());
}

}  // namespace peerpool::net
