// Programs that a test starts: run to the end, or kept in the background. Kills nothing but its own
// children, by pid.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/unique_fd.h"
#include "tests/support/credentials.h"

namespace peerpool::testing {

/// Generous: sanitizers and a busy machine are slow, and a test that passes never waits that long.
inline constexpr std::chrono::milliseconds kPatience{60'000};

/// What to start. The environment is this process's without PG* variables, plus `environment`.
struct Command {
  std::vector<std::string> arguments;  ///< The first is the program, looked up in PATH.
  std::optional<Credentials> run_as = {};
  std::map<std::string, std::string> environment = {};
  std::string input = {};        ///< Standard input; used when `input_file` is empty.
  std::string input_file = {};   ///< Path of a file to be standard input.
  std::string output_file = {};  ///< Standard output goes here (created) instead of being captured.
};

/// How it ended. `exit_code` is -1 when a signal ended it.
struct Finished {
  int exit_code = -1;
  int signal = 0;
  bool timed_out = false;  ///< It was still running at the deadline and was killed.
  std::string output;
  std::string errors;

  [[nodiscard]] bool ok() const noexcept { return exit_code == 0; }
  /// Everything, for a failed check's message.
  [[nodiscard]] std::string describe() const;
};

/// A child process. Start it on a thread that lives longer: the child is killed when that thread
/// ends (PR_SET_PDEATHSIG), so that a crashed test leaves nothing behind.
class Process {
 public:
  /// Throws std::system_error when fork fails; a program that cannot be executed exits with 127.
  explicit Process(const Command& command);
  /// Kills it if it still runs.
  ~Process();
  Process(Process&&) noexcept;
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool running();
  void signal(int number) const noexcept;
  /// Waits for its end; kills it at the deadline.
  Finished wait(std::chrono::milliseconds timeout = kPatience);
  /// SIGTERM, then wait().
  Finished terminate(std::chrono::milliseconds timeout = kPatience);
  /// What it wrote so far.
  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string errors() const;

 private:
  bool reap(int options);

  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  UniqueFd pidfd_;
  UniqueFd output_;
  UniqueFd errors_;
};

/// Open descriptors of a process, and its resident memory.
[[nodiscard]] std::size_t descriptorsOf(pid_t pid);
[[nodiscard]] std::size_t residentKib(pid_t pid);

/// Starts it, waits for its end, at most `timeout`.
Finished run(const Command& command, std::chrono::milliseconds timeout = kPatience);

/// Asks `condition` every few milliseconds until it holds; false at the deadline.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds timeout = kPatience);

}  // namespace peerpool::testing
