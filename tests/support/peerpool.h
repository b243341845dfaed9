// The product as a process: its configuration file, its log, its commands.

#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace peerpool::testing {

/// The program that was built together with the tests.
[[nodiscard]] std::string peerpoolProgram();

/// One line of the text log: "TIMESTAMP LEVEL event words key=value key="quoted value"".
struct LogLine {
  std::string level;
  std::string event;
  std::map<std::string, std::string> fields;
  std::string text;  ///< The line as it stands.

  /// The value of `key`, or empty.
  [[nodiscard]] std::string operator[](const std::string& key) const;
};
[[nodiscard]] LogLine parseLogLine(const std::string& line);

/// `peerpool serve`, started when made and ended when destroyed.
class Peerpool {
 public:
  /// Writes `config` to peerpool.yaml in `directory` and uses `run` in it as runtime directory.
  /// Throws std::runtime_error with the log when it does not get ready. `directory` outlives it.
  /// `descriptors`: its limit of them, hard and soft; 0: ours.
  Peerpool(const TempDir& directory, const std::string& config, std::size_t descriptors = 0);
  ~Peerpool();
  Peerpool(const Peerpool&) = delete;
  Peerpool& operator=(const Peerpool&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return process_->pid(); }
  [[nodiscard]] bool running() { return process_->running(); }
  [[nodiscard]] std::string log() const { return process_->errors(); }
  /// The lines of the log whose event is `event`.
  [[nodiscard]] std::vector<LogLine> events(std::string_view event) const;
  /// Waits for at least `count` such lines; returns what there is at the deadline.
  [[nodiscard]] std::vector<LogLine> waitForEvents(std::string_view event, std::size_t count) const;

  /// SIGTERM and wait for the end.
  Finished stop();
  /// `peerpool status ARGUMENTS`.
  [[nodiscard]] Finished status(const std::vector<std::string>& arguments) const;
  /// `peerpool explain` with this configuration.
  [[nodiscard]] Finished explain(const std::vector<std::string>& arguments) const;

 private:
  const TempDir& directory_;
  std::unique_ptr<Process> process_;
};

/// Runs one of its commands to the end: {"check", "--config", path}.
Finished runPeerpool(const std::vector<std::string>& arguments,
                     const std::optional<Credentials>& run_as = std::nullopt);

}  // namespace peerpool::testing
