// A cgroup of a test's own in the cgroup2 hierarchy, and processes put into it.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace peerpool::testing {

/// False, after "SKIPPED: ...", where no cgroup can be made: not root, or a read-only hierarchy.
[[nodiscard]] bool canMakeCgroups();

/// Makes `path` ("/system.slice/x.service") and what is missing above it; removed when destroyed,
/// as far as it made it and nobody is left in it. The last part should be unique.
class ScopedCgroup {
 public:
  /// Throws std::system_error.
  explicit ScopedCgroup(const std::string& path);
  ~ScopedCgroup();
  ScopedCgroup(const ScopedCgroup&) = delete;
  ScopedCgroup& operator=(const ScopedCgroup&) = delete;

  /// As /proc/PID/cgroup will show it.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Of "cgroup.procs": write "0" to it to enter; usable after fork(2).
  [[nodiscard]] const std::string& procs() const noexcept { return procs_; }
  /// False: errno says why not.
  [[nodiscard]] bool enter(pid_t pid = 0) const noexcept;

 private:
  std::string path_;
  std::string procs_;
  std::vector<std::string> made_;
};

/// "pp-test-PID-N", which no other test has.
[[nodiscard]] std::string uniqueName();

}  // namespace peerpool::testing
