// Run-time parameters: what a client asks for in its startup packet, what a server reports, and the
// statement that brings the second in line with the first. Pure.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/postgres/followed_settings.h"
#include "proxy/postgres/tracked_parameters.h"
#include "proxy/postgres/wire/startup.h"

namespace peerpool::postgres {

/// What one client wants of the tracked parameters; no memory while it wants none.
class WantedParameters {
 public:
  /// From its startup packet; later: another spelling of the same.
  void set(std::size_t tracked_index, std::string value);
  /// It has set that since.
  void change(std::size_t tracked_index, std::string value);
  /// It was reset: what its startup packet says counts again.
  void startOver(std::size_t tracked_index);
  /// Null when the server's default will do.
  [[nodiscard]] const std::string* find(std::size_t tracked_index) const noexcept;
  /// What a reset leads back to; null: the server's default.
  [[nodiscard]] const std::string* findStartup(std::size_t tracked_index) const noexcept;
  /// All of them but application_name as one text, for the cache of logins.
  [[nodiscard]] std::string fingerprint() const;
  /// What it has set of others since.
  [[nodiscard]] FollowedSettings& followed() noexcept { return followed_; }
  [[nodiscard]] const FollowedSettings& followed() const noexcept { return followed_; }

 private:
  enum class Origin : std::uint8_t {
    Startup,
    Changed,
    Former,  ///< Of the startup packet, and changed since.
  };
  struct Value {
    std::string text;
    std::uint8_t index = 0;
    Origin origin = Origin::Startup;
  };
  [[nodiscard]] Value* at(std::size_t tracked_index) noexcept;
  void add(std::size_t tracked_index, std::string text, Origin origin);

  std::vector<Value> values_;  // By index.
  FollowedSettings followed_;
};

/// What one server has reported, by the name it uses.
class ServerParameters {
 public:
  static constexpr std::size_t kMaxCount = 128;  ///< PostgreSQL 15 reports 13.
  static constexpr std::size_t kMaxLength =
      std::size_t{8} * 1024;  ///< Of a name and its value together.

  /// False when a limit is broken or the name is empty: such a server is closed.
  [[nodiscard]] bool report(std::string_view name, std::string_view value);
  /// What it reported last of a tracked parameter; null: nothing.
  [[nodiscard]] const std::string* findTracked(std::size_t tracked_index) const noexcept {
    return valueOf(tracked_[tracked_index]);
  }
  /// Null when it never reported `name` (case ignored).
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
  [[nodiscard]] const std::map<std::string, std::string>& all() const noexcept { return values_; }
  /// Texts mean what their bytes say: it has standard_conforming_strings, and an encoding that
  /// readsByBytes().
  [[nodiscard]] bool readable() const noexcept { return conforming_ && reads_by_bytes_; }
  /// True while it has reported "is_superuser" as on.
  [[nodiscard]] bool superuser() const noexcept;

  /// What it says now of tracked parameters is what it has where nobody sets them.
  void rememberDefaults() { defaults_ = tracked_; }
  /// The same for a report that comes while nobody uses it.
  void rememberDefault(std::string_view name);
  /// Null: unknown.
  [[nodiscard]] const std::string* findDefault(std::size_t tracked_index) const noexcept {
    return valueOf(defaults_[tracked_index]);
  }
  /// What is set of parameters that it does not report.
  [[nodiscard]] FollowedSettings& followed() noexcept { return followed_; }
  [[nodiscard]] const FollowedSettings& followed() const noexcept { return followed_; }

 private:
  using Tracked = std::array<std::optional<std::string>, kTrackedParameters.size()>;
  static const std::string* valueOf(const std::optional<std::string>& value) noexcept {
    return value ? &*value : nullptr;
  }

  std::map<std::string, std::string> values_;
  bool conforming_ = true;
  bool reads_by_bytes_ = true;
  Tracked tracked_;
  Tracked defaults_;
  FollowedSettings followed_;
};

/// "SET a TO '..'; SET b TO DEFAULT" for what differs at the server from what is wanted; empty when
/// nothing does. With `reset`: for one that was reset just before.
[[nodiscard]] std::string makeSetStatement(const WantedParameters& wanted,
                                           const ServerParameters& server, bool reset);

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
