// Run-time parameters: what a client asks for in its startup packet, what a server reports, and the
// statement that brings the second in line with the first. Pure.

#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/postgres/wire/startup.h"

namespace peerpool::postgres {

/// Parameters that a server reports when they change, so that they can follow the client from
/// server to server (PostgreSQL manual, "Asynchronous Operations").
inline constexpr std::array<std::string_view, 5> kTrackedParameters = {
    "client_encoding", "DateStyle", "TimeZone", "IntervalStyle", "application_name"};

/// Index into kTrackedParameters, ignoring case as PostgreSQL does.
[[nodiscard]] std::optional<std::size_t> trackedIndex(std::string_view name) noexcept;

/// What one client wants of the tracked parameters; no memory while it wants none.
class WantedParameters {
 public:
  void set(std::size_t tracked_index, std::string value);
  /// Null when the server's default will do.
  [[nodiscard]] const std::string* find(std::size_t tracked_index) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
  /// All of them but application_name as one text, for the cache of logins.
  [[nodiscard]] std::string fingerprint() const;

 private:
  std::vector<std::pair<std::size_t, std::string>> values_;
};

/// What one server has reported, by the name it uses.
class ServerParameters {
 public:
  static constexpr std::size_t kMaxCount = 128;  ///< PostgreSQL 15 reports 13.
  static constexpr std::size_t kMaxLength =
      std::size_t{8} * 1024;  ///< Of a name and its value together.

  /// False when a limit is broken or the name is empty: such a server is closed.
  [[nodiscard]] bool report(std::string_view name, std::string_view value);
  /// Null when it never reported `name` (case ignored).
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
  [[nodiscard]] const std::map<std::string, std::string>& all() const noexcept { return values_; }
  /// True while it has reported "is_superuser" as on.
  [[nodiscard]] bool superuser() const noexcept;

 private:
  std::map<std::string, std::string> values_;
};

/// "SET a TO '..'; SET b TO '..'" for what differs from `reported`; empty when nothing does.
[[nodiscard]] std::string makeSetStatement(const WantedParameters& wanted,
                                           const ServerParameters& reported);

/// Longest value of a startup parameter, in bytes. PostgreSQL has no limit of its own for some, and
/// values are kept for each pool and client.
inline constexpr std::size_t kMaxParameterLength = 1024;

/// A startup packet's parameters, sorted. `refused` names the first that the allow-list has not,
/// `too_long` the first whose value is longer than kMaxParameterLength.
struct StartupParameters {
  WantedParameters tracked;
  std::map<std::string, std::string> untracked;  ///< Part of the pool's key, names in lower case.
  std::string refused;
  std::string too_long;
};

/// Passes over user, database and replication; `options` is taken apart into the same list.
/// `extra_allowed`: the rule's startup_parameters. Later ones win over earlier ones.
[[nodiscard]] StartupParameters sortStartupParameters(
    const std::vector<wire::Parameter>& parameters, const std::vector<std::string>& extra_allowed);

/// An application name as PostgreSQL keeps it: at most 63 bytes, others than printable ASCII as
/// '?'.
[[nodiscard]] std::string cleanApplicationName(std::string_view name);

}  // namespace peerpool::postgres
