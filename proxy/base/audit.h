// Who was let in, who was not and why, as a value, and where it is recorded. No format, file or
// thread is known here: proxy/observe decides about those.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace peerpool {

enum class AuditAction : std::uint8_t {
  ConnectionStarted,  ///< Accepted; what it may do is decided at login.
  ConnectionDenied,   ///< At accept.
  LoginAllowed,
  LoginDenied,
  LimitHit,
  CancelRejected,  ///< Somebody wanted to cancel what is not theirs, or is no more.
  SessionEnded,    ///< Of a connection that was started.
  ServiceStarted,
  ServiceStopped,
  ConfigurationLoaded,  ///< By a reload.
  ConfigurationRefused,
  EventsLost,  ///< By the audit log itself, when it could not take them.
};

/// A peer by its numbers, as of connect(2).
struct AuditPeer {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t pid = 0;
  std::string user;  ///< Empty: not known.
};

/// One line of the audit log. What is empty does not apply. Texts may hold what a peer sent: the
/// recorder escapes them. Secrets never become a part of it.
struct AuditEvent {
  AuditAction action = AuditAction::ConnectionStarted;
  std::string reference;  ///< Of the client: what it is told, and the log says too.
  std::string reason;     ///< One sentence for people.
  std::uint64_t generation = 0;
  std::optional<AuditPeer> peer;
  std::string listener;  ///< Its name.
  std::string address;   ///< Path of its socket file.
  std::string backend;
  std::string rule;   ///< That decided.
  std::string where;  ///< FILE:LINE:COLUMN of that rule.
  std::string database;
  std::string role_requested;
  std::string role_granted;          ///< The login role at the backend.
  std::string limit;                 ///< The setting that was hit.
  std::vector<std::string> dry_run;  ///< Of auth::Decision.
  std::optional<std::chrono::nanoseconds> duration;
  /// This event stands for so many of a storm: same uid, listener, rule or limit. Of `peer` only
  /// the uid applies.
  std::optional<std::uint64_t> storm;
};

/// Takes events from any thread, never blocks.
class Audit {
 public:
  virtual ~Audit() = default;
  /// False: the event is not recorded, and what it tells must not happen. Only for those that let
  /// somebody in (ConnectionStarted, LoginAllowed), and only when the audit log is required and
  /// cannot be written now; then record the denial. All others are recorded or counted as lost.
  [[nodiscard]] virtual bool record(AuditEvent event) noexcept = 0;
};

/// For events that let nobody in.
inline void recordAfterwards(Audit& audit, AuditEvent event) noexcept {
  (void)audit.record(std::move(event));
}

}  // namespace peerpool
