// Processes made up so that the process conditions of policies hold.

#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/model.h"
#include "proxy/server/described_process.h"

namespace peerpool::server {

/// One process, and whose it may be.
struct SampleProcess {
  ProcessDescription description;
  std::set<uid_t> uids;
  bool anybody = false;  ///< Whatever the uids.
};

/// Collects without asking the system.
class SampleProcesses {
 public:
  /// `instances` are examples of a unit's `*`, beside the usual one.
  explicit SampleProcesses(std::vector<std::string> instances) : instances_(std::move(instances)) {}

  /// For each condition on a process one that fits; `*` becomes an example. `uids` are those that
  /// the matcher means; empty: all.
  void add(const config::ProcessMatcher& matcher, const std::set<uid_t>& uids);
  void add(const ProcessDescription& description, const std::set<uid_t>& uids);

  /// By their descriptions in words.
  [[nodiscard]] const std::map<std::string, SampleProcess>& all() const noexcept { return all_; }

 private:
  std::vector<std::string> instances_;
  std::map<std::string, SampleProcess> all_;
};

/// `narrow`, with the conditions of `wide` under keys that it leaves open.
[[nodiscard]] config::ProcessMatcher narrowed(config::ProcessMatcher narrow,
                                              const config::ProcessMatcher& wide);

/// `text` with each `*` replaced by `word`.
[[nodiscard]] std::string exampleOf(const std::string& text, const std::string& word = "example");

}  // namespace peerpool::server
