// Who is meant, as the operator wrote it: accounts, conditions on a peer, identities. No name is
// resolved here.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace peerpool::config {

/// Where something stands in the files; lines and columns count from 1, 0 means unknown.
struct Location {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};

/// "FILE:LINE:COLUMN", or only the file when the line is unknown.
[[nodiscard]] std::string describe(const Location& where);

/// One end of an inclusive range of ids.
struct IdRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// An account as written: a number, or a name that auth::Accounts resolves at load.
struct AccountName {
  std::string name;  ///< Empty when `number` is set.
  std::optional<std::uint32_t> number;
  Location where;
};

/// container: by its cgroup, and for None and Any by its namespaces too.
enum class ContainerKind : std::uint8_t { None, Any, Docker, Podman };

/// One entry of a key that compares text: exact, or with `*` where the key permits it.
struct TextPattern {
  std::string text;
  Location where;
};

/// Conditions on a peer's process; within one member any entry suffices, an empty one asks nothing.
struct ProcessMatcher {
  std::vector<TextPattern> units;         ///< systemd_unit: "web.service", "web@*.service".
  std::vector<TextPattern> slices;        ///< slice: one of those that contain the unit.
  std::vector<TextPattern> cgroups;       ///< cgroup: path, also "/path/*".
  std::vector<ContainerKind> containers;  ///< container:
  std::vector<TextPattern> executables;   ///< exe: absolute path.
  std::vector<TextPattern> digests;       ///< exe_sha256: 64 hexadecimal digits.
  std::vector<TextPattern> selinux;       ///< selinux: context, also with `*`.
  std::vector<TextPattern> apparmor;      ///< apparmor: profile, also with `*`.

  [[nodiscard]] bool empty() const noexcept {
    return units.empty() && slices.empty() && cgroups.empty() && containers.empty() &&
           executables.empty() && digests.empty() && selinux.empty() && apparmor.empty();
  }
};

/// Conditions on a peer. All members that are set must hold; within one member any entry suffices.
struct Matcher {
  std::vector<AccountName> users;   ///< user:
  std::vector<IdRange> uids;        ///< uid:
  std::vector<AccountName> groups;  ///< group:
  std::vector<IdRange> gids;        ///< gid:
  std::optional<bool> unmapped;     ///< unmapped: the kernel cannot name the peer here.
  ProcessMatcher process;           ///< What the process must be, beside its ids.
  std::vector<Matcher> any;         ///< any: at least one of these holds.
  std::vector<Matcher> not_all_of;  ///< not: zero or one element; it must not hold.
  Location where;
};

/// A peer selector of a rule: `anyone`, names of identities, or a matcher written in place.
struct Selector {
  bool anyone = false;
  std::vector<std::string> identities;
  std::optional<Matcher> matcher;
  Location where;
};

struct Identity {
  std::string name;
  Matcher matcher;
};

}  // namespace peerpool::config
