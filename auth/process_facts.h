// What was found out about the process at the other end of a connection, beyond what its socket
// tells. How: process_reader.h.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "auth/cgroup_path.h"
#include "auth/file_id.h"
#include "auth/identity.h"

namespace peerpool::auth {

/// Something known, or one clause that says why it is not.
template <typename T>
class Fact {
 public:
  /// Nobody looked.
  Fact() = default;
  static Fact known(T value) {
    Fact fact;
    fact.value_ = std::move(value);
    return fact;
  }
  static Fact unknown(std::string why) {
    Fact fact;
    fact.why_not_ = std::move(why);
    return fact;
  }

  [[nodiscard]] bool isKnown() const noexcept { return value_.has_value(); }
  /// Null when it is not known.
  [[nodiscard]] const T* find() const noexcept { return value_ ? &*value_ : nullptr; }
  /// "it ended before it was looked at"; empty when it is known.
  [[nodiscard]] const std::string& whyNot() const noexcept { return why_not_; }

 private:
  std::optional<T> value_;
  std::string why_not_ = "nobody looked at it";
};

/// The program of a process that lives in the machine's own mounts, as peerpool-attest saw it.
struct Executable {
  std::string path;  ///< What the kernel calls its file; proves nothing.
  FileId file;
  bool roots_alone = false;  ///< The file is root's, and nobody else may write it.
  bool deleted = false;      ///< No name leads to the file any more, as after an upgrade.
  std::string sha256;        ///< 64 hexadecimal digits; empty: see sha256_why_not.
  std::string sha256_why_not;
  bool made_up = false;  ///< There is no process: `path` stands for the file of that name.
};

/// Each fact is of the time of the connection's admission, and of a process that was alive then.
struct ProcessFacts {
  Fact<CgroupPlace> cgroup;
  /// In another user or pid namespace than we, or with another root: a container or a sandbox.
  Fact<bool> apart;
  Fact<Executable> executable;
  Fact<std::string> label;  ///< Of the security module: SO_PEERSEC.
};

/// Of somebody made up, for explain and policy tests: a process outside of any container, in the
/// unit `unit` below system.slice, or in none, that runs `executable`, or nothing in particular.
[[nodiscard]] std::shared_ptr<const ProcessFacts> imaginedProcess(
    const std::string& unit = {}, const std::string& executable = {});

/// The part behind the @ of its unit's name, as ${unit_instance} has it; of a user's own manager
/// that is his uid. Empty: there is none, or it is not known. Lives as long as `peer`.
[[nodiscard]] std::string_view unitInstance(const Identity& peer) noexcept;

/// What has to be looked at. Nothing of it costs anything unless it is set.
struct Looks {
  bool cgroup = false;
  bool apart = false;
  bool executable = false;
  bool sha256 = false;
  bool label = false;
  bool lifetime = false;  ///< The pidfd is kept, to notice the process' end.
  /// Where the kernel has no SO_PEERPIDFD the process is found by its number, which somebody else
  /// may have taken over meanwhile.
  bool racy = false;

  [[nodiscard]] bool any() const noexcept {
    return cgroup || apart || executable || sha256 || label || lifetime;
  }
  Looks& operator|=(const Looks& other) noexcept {
    cgroup = cgroup || other.cgroup;
    apart = apart || other.apart;
    executable = executable || other.executable;
    sha256 = sha256 || other.sha256;
    label = label || other.label;
    lifetime = lifetime || other.lifetime;
    racy = racy || other.racy;
    return *this;
  }
};

}  // namespace peerpool::auth
