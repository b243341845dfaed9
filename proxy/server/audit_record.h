// One line of an audit log back to who came and what became of it. The line may be anything:
// whoever wrote it is not trusted to have been peerpool.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "config/moment.h"
#include "proxy/base/result.h"

namespace peerpool::server {

/// What was decided.
enum class RecordedAnswer : std::uint8_t {
  None,     ///< The line tells of something else.
  Started,  ///< Let through to the login.
  Shut,     ///< Denied at accept.
  Allowed,  ///< At login.
  Denied,   ///< At login, by the policy.
  Refused,  ///< At login, for a reason that is not the policy's, as a full audit log.
};

/// Texts are as the line shows them: control characters and the like as escapes.
struct AuditRecord {
  RecordedAnswer answer = RecordedAnswer::None;
  std::string action;     ///< "login-denied"
  std::string time_text;  ///< As it stands.
  config::Moment time;    ///< Not known when it cannot be read.
  std::string reference;
  std::string reason;
  /// Groups are not recorded. Of a storm only the uid is.
  auth::Identity peer;
  bool has_peer = false;
  bool has_gid = false;
  std::string listener;
  std::string database;  ///< As asked for.
  std::string role;      ///< As asked for.
  std::string role_granted;
  std::string rule;
  std::string where;         ///< FILE:LINE:COLUMN of the rule.
  std::uint64_t events = 1;  ///< For so many the line stands.
};

/// Longer lines are not ours.
inline constexpr std::size_t kLongestAuditRecord = std::size_t{64} << 10;

/// Error (Protocol): it is no line of an audit log.
[[nodiscard]] Result<AuditRecord> parseAuditRecord(std::string_view line);

}  // namespace peerpool::server
