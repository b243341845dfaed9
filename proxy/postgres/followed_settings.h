// Parameters that a server does not report, and that follow a client all the same: its SET commands
// are done again on each server that it comes to.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/postgres/set_command.h"

namespace peerpool::postgres {

/// What one client has set, or what is set on one server. No memory while that is nothing. Pure.
class FollowedSettings {
 public:
  /// Each costs a SET at every change of servers.
  static constexpr std::size_t kMost = 32;

  /// A SET or RESET was carried out.
  void apply(const Setting& setting);
  void clear() noexcept { settings_.clear(); }
  /// Is there room for so many more?
  [[nodiscard]] bool hasRoom(std::size_t more) const noexcept {
    return settings_.size() + more <= kMost;
  }
  [[nodiscard]] bool empty() const noexcept { return settings_.empty(); }
  /// One text that tells them from others.
  [[nodiscard]] std::string fingerprint() const;

  /// Appends SET commands, each behind "; " unless it is the first of `sql`, that make of a server
  /// that has `there` one that has these.
  void appendDifference(std::string& sql, const FollowedSettings& there) const;

 private:
  [[nodiscard]] const Setting* find(std::string_view name) const noexcept;

  std::vector<Setting> settings_;  // In the order of their last SET.
};

/// As a value in SQL.
inline constexpr std::string_view kDefaultValue = "DEFAULT";

/// "SET name TO value", behind "; " unless it is the first. `name` as it is, `value` as SQL has it.
void appendSet(std::string& sql, std::string_view name, std::string_view value);

}  // namespace peerpool::postgres
