// Programs of real processes: other mounts, changed files, dead and forbidden ones.

#include "auth/executable_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <thread>

#include "auth/proc_text.h"
#include "tests/support/credentials.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace peerpool::auth {
namespace {

namespace fs = std::filesystem;
using testing::Process;
using testing::TempDir;

constexpr uid_t kStranger = 64001;
const TimePoint kStart{std::chrono::hours(1)};

/// A while after all files of the test were made.
ExecutableReader::Now later(std::chrono::seconds more = {}) {
  return {kStart + more, std::chrono::system_clock::now() + std::chrono::hours(1)};
}

/// A program that sleeps, with `extra` bytes behind it.
std::string sleeper(const TempDir& directory, const std::string& name, std::size_t extra = 0) {
  const std::string path = directory / name;
  fs::copy_file(fs::canonical("/bin/sleep"), path);
  fs::resize_file(path, fs::file_size(path) + extra);
  return path;
}

std::string programOf(pid_t pid) {
  std::error_code error;
  return fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", error).string();
}

/// `arguments`, which execute `path` in the end.
class Running {
 public:
  Running(const std::string& path, const std::vector<std::string>& through = {})
      : process_(commandOf(path, through)) {
    REQUIRE(testing::eventually([&] { return programOf(pid()) == path; }));
  }
  [[nodiscard]] pid_t pid() const noexcept { return process_.pid(); }
  void kill() {
    process_.signal(SIGKILL);
    (void)process_.wait();
  }
  [[nodiscard]] ProcessHandle handle() const {
    Result<ProcessHandle> found = ProcessHandle::ofPid(pid());
    REQUIRE(found);
    return *std::move(found);
  }

 private:
  static testing::Command commandOf(const std::string& path,
                                    const std::vector<std::string>& through) {
    testing::Command command{through};
    command.arguments.push_back(path);
    command.arguments.push_back("1000");
    return command;
  }
  Process process_;
};

AttestationAnswer lookAt(const Running& running, bool wants_digest = false,
                         const ExecutableReader::Limits& limits = {}) {
  return ExecutableReader(limits).look(running.handle(), {1, wants_digest}, later());
}

FileId idOf(const std::string& path) {
  const auto status = fileStatus(AT_FDCWD, path.c_str(), true);
  REQUIRE(status);
  return status->id;
}

TEST_CASE("A process is known by the file that it runs") {
  const TempDir directory;
  const std::string path = sleeper(directory, "program");
  const Running running(path);
  const AttestationAnswer answer = lookAt(running, true);
  CHECK(answer.id == 1);
  CHECK(answer.status == AttestationStatus::Known);
  CHECK(answer.file == idOf(path));
  CHECK(answer.path == path);
  CHECK(answer.euid == ::geteuid());
  CHECK(answer.owner == ::geteuid());
  CHECK((answer.mode & 07777) == testing::permissionsOf(path));
  CHECK_FALSE(answer.deleted);
  CHECK(answer.digest_status == DigestStatus::Known);
  CHECK(answer.digest == sha256(asBytes(testing::readFile(path))));
  CHECK(lookAt(running).digest_status == DigestStatus::NotAsked);
}

TEST_CASE("A deleted program is known by its links and not by its name") {
  const TempDir directory;
  const Running named(sleeper(directory, "one (deleted)"));
  CHECK(lookAt(named).path == directory / "one (deleted)");
  CHECK_FALSE(lookAt(named).deleted);
  const std::string path = sleeper(directory, "two");
  const Running running(path);
  const FileId id = idOf(path);
  REQUIRE(fs::remove(path));
  const AttestationAnswer answer = lookAt(running, true);
  CHECK(answer.status == AttestationStatus::Known);
  CHECK(answer.path == path);
  CHECK(answer.deleted);
  CHECK(answer.file == id);
  CHECK(answer.digest_status == DigestStatus::Known);
}

TEST_CASE("A program of another one's mounts is not known, whatever its path says (check 4)") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const TempDir directory;
  const std::string trusted = sleeper(directory, "trusted");
  const std::string own = sleeper(directory, "own");
  const std::string bind = "mount --bind " + own + ' ' + trusted + " && exec \"$0\" \"$@\"";
  const Running running(trusted, {"unshare", "--mount", "sh", "-c", bind});
  // What a check by name believes, and what the kernel knows.
  CHECK(programOf(running.pid()) == trusted);
  CHECK_FALSE(idOf("/proc/" + std::to_string(running.pid()) + "/exe") == idOf(trusted));
  const AttestationAnswer answer = lookAt(running, true);
  CHECK(answer.status == AttestationStatus::OtherMounts);
  CHECK(answer.path.empty());
}

TEST_CASE("A process that has ended is not known") {
  const TempDir directory;
  Running running(sleeper(directory, "program"));
  const ProcessHandle handle = running.handle();
  running.kill();
  CHECK(ExecutableReader({}).look(handle, {9, true}, later()).status == AttestationStatus::Ended);
  CHECK(ExecutableReader({}).look(handle, {9, true}, later()).id == 9);
}

TEST_CASE("Without the right to look nothing is known") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const TempDir directory;
  const Running running(sleeper(directory, "program"));
  const ProcessHandle handle = running.handle();
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(kStranger) != 0 || ::setuid(kStranger) != 0) {
      ::_exit(100);
    }
    ::_exit(static_cast<int>(ExecutableReader({}).look(handle, {1, false}, later()).status));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == static_cast<int>(AttestationStatus::Forbidden));
}

TEST_CASE("A descriptor that is no pidfd is refused") {
  CHECK_FALSE(ProcessHandle::ofDescriptor(UniqueFd(::open("/dev/null", O_RDONLY))));
  CHECK_FALSE(ProcessHandle::ofDescriptor(UniqueFd()));
  Result<ProcessHandle> self = ProcessHandle::ofPid(::getpid());
  REQUIRE(self);
  CHECK(ProcessHandle::ofDescriptor(self->release()));
}

TEST_CASE("A file over the cap is not hashed (check 33)") {
  const TempDir directory;
  const std::string path = sleeper(directory, "program");
  const Running running(path);
  ExecutableReader::Limits limits;
  limits.largest = fs::file_size(path);
  CHECK(lookAt(running, true, limits).digest_status == DigestStatus::Known);
  --limits.largest;
  const AttestationAnswer answer = lookAt(running, true, limits);
  CHECK(answer.status == AttestationStatus::Known);
  CHECK(answer.digest_status == DigestStatus::TooLarge);
  CHECK(answer.digest == Digest{});
}

TEST_CASE("What is hashed is remembered, and what is not costs the uid (check 33)") {
  const TempDir directory;
  ExecutableReader::Limits limits;
  limits.largest = 2 * HashBudget::kLeast;
  limits.per_second = HashBudget::kLeast;
  limits.cached = 2;
  ExecutableReader reader(limits);
  const Running one(sleeper(directory, "one"));
  const Running two(sleeper(directory, "two"));
  const Running three(sleeper(directory, "three"));
  const auto look = [&](const Running& running, int second) {
    return reader.look(running.handle(), {1, true}, later(std::chrono::seconds(second)))
        .digest_status;
  };
  CHECK(look(one, 0) == DigestStatus::Known);
  CHECK(look(two, 0) == DigestStatus::Known);
  CHECK(look(three, 0) == DigestStatus::TooOften);
  CHECK(look(one, 0) == DigestStatus::Known);
  CHECK(look(three, 5) == DigestStatus::Known);
  CHECK(reader.cached() == 2);
  CHECK(look(two, 5) == DigestStatus::Known);  // The one that was used longest ago had to go.
  CHECK(look(one, 5) == DigestStatus::TooOften);
  CHECK(look(three, 5) == DigestStatus::Known);
}

TEST_CASE("A file that changed is hashed anew (check 33)") {
  const TempDir directory;
  ExecutableReader reader({});
  const std::string path = sleeper(directory, "program");
  Digest first{};
  {
    const Running running(path);
    first = reader.look(running.handle(), {1, true}, later()).digest;
  }
  REQUIRE(::truncate(path.c_str(), static_cast<off_t>(fs::file_size(path)) + 1) == 0);
  const Running running(path);
  const AttestationAnswer answer = reader.look(running.handle(), {1, true}, later());
  CHECK(answer.digest_status == DigestStatus::Known);
  CHECK(answer.digest != first);
  CHECK(answer.digest == sha256(asBytes(testing::readFile(path))));
}

TEST_CASE("A file that was changed this very moment is not remembered") {
  const TempDir directory;
  ExecutableReader reader({});
  const Running running(sleeper(directory, "program"));
  const ExecutableReader::Now now{kStart, std::chrono::system_clock::now()};
  CHECK(reader.look(running.handle(), {1, true}, now).digest_status == DigestStatus::Known);
  CHECK(reader.cached() == 0);
}

TEST_CASE("A file that changes while it is hashed has no digest (check 33)") {
  const TempDir directory;
  const std::string path = sleeper(directory, "program", std::size_t{64} << 20);
  const Running running(path);
  std::atomic<bool> done = false;
  std::atomic<int> changes = 0;
  std::thread changer([&] {
    while (!done) {
      (void)::chmod(path.c_str(), changes % 2 == 0 ? 0700 : 0755);
      ++changes;
    }
  });
  CHECK(testing::eventually([&] { return changes > 0; }));
  const AttestationAnswer answer = lookAt(running, true);
  done = true;
  changer.join();
  CHECK(answer.digest_status == DigestStatus::Changed);
}

TEST_CASE("The file system of a mount is found in mountinfo") {
  constexpr std::string_view kMounts =
      "30 29 0:5 / /proc rw - proc proc rw\n"
      "31 28 254:0 /sub / rw shared:1 master:2 - ext4 /dev/vda rw\n"
      "32 28 0:44 / /mnt rw - fuse.sshfs x rw\n33 28 0:45 / /cut";
  CHECK(fileSystemOf(kMounts, 30) == "proc");
  CHECK(fileSystemOf(kMounts, 31) == "ext4");
  CHECK(fileSystemOf(kMounts, 32) == "fuse.sshfs");
  CHECK(fileSystemOf(kMounts, 33).empty());
  CHECK(fileSystemOf(kMounts, 3).empty());
  CHECK(fileSystemOf("", 0).empty());
}

}  // namespace
}  // namespace peerpool::auth
