// Conditions on a peer's process, compiled. What is not known of it makes a condition unknown.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/file_id.h"
#include "auth/identity.h"
#include "auth/process_facts.h"
#include "auth/truth.h"
#include "config/model.h"

namespace peerpool::auth {

/// config::ProcessMatcher. Immutable.
class ProcessMatcher {
 public:
  /// `files` are those that `source.executables` name, one for each; an empty one is no file.
  ProcessMatcher(config::ProcessMatcher source, std::vector<std::optional<FileId>> files);

  [[nodiscard]] bool empty() const noexcept { return source_.empty(); }

  /// Yes when it has no condition. Not for a peer that the kernel cannot name.
  [[nodiscard]] Truth matches(const Identity& peer) const noexcept;
  /// The first condition that makes matches() what it is, in words; empty for Yes.
  [[nodiscard]] std::string whyNot(const Identity& peer) const;
  /// Each condition as text, as "unit web.service".
  [[nodiscard]] std::vector<std::string> describe() const;

 private:
  enum class Key { Unit, Slice, Cgroup, Container, Executable, Digest, Selinux, Apparmor };
  static constexpr Key kKeys[] = {Key::Unit,       Key::Slice,  Key::Cgroup,  Key::Container,
                                  Key::Executable, Key::Digest, Key::Selinux, Key::Apparmor};
  [[nodiscard]] bool asks(Key key) const noexcept;
  [[nodiscard]] Truth holds(Key key, const ProcessFacts& facts) const noexcept;
  [[nodiscard]] Truth containerHolds(const ProcessFacts& facts) const noexcept;
  [[nodiscard]] Truth executableHolds(const ProcessFacts& facts) const noexcept;
  [[nodiscard]] std::string describe(Key key) const;
  [[nodiscard]] std::string whyNot(Key key, const ProcessFacts& facts, Truth truth) const;

  config::ProcessMatcher source_;
  std::vector<std::optional<FileId>> files_;
};

/// What has to be looked at for `source`, and for what stands below any: and not:.
[[nodiscard]] Looks looksOf(const config::Matcher& source) noexcept;

}  // namespace peerpool::auth
