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
  LoginWouldBeDenied,  ///< Beside LoginAllowed: mode: audit let it in.
  LimitHit,
  CancelRejected,   ///< Somebody wanted to cancel what is not theirs, or is no more.
  CancelForwarded,  ///< Somebody cancelled what is theirs.
  SessionEnded,     ///< Of a connection that was started.
  ServiceStarted,
  ServiceStopped,
  ConfigurationLoaded,  ///< By a reload.
  ConfigurationRefused,
  ModeChanged,     ///< From enforce to audit, by a configuration, or back, by its date too.
  AdminCommand,    ///< Over the control socket, that changes something.
  SocketDrift,     ///< A listener's socket file is not what it was made as.
  SocketMended,    ///< And is again, by our doing or somebody else's.
  EventsLost,      ///< By the audit log itself, when it could not take them.
  ChainStarted,    ///< Also: what is there already could not be continued as it is.
  ChainContinued,  ///< In a new file, after the one that has been renamed.
};

/// What was seen of a peer's process when it was admitted. What is empty was not looked at, cannot
/// be known, or there is none.
struct AuditProcess {
  std::string cgroup;
  std::string unit;       ///< Of the system's manager.
  std::string user_unit;  ///< As the user's own manager calls it: said by that user.
  std::string slice;      ///< The innermost one.
  std::string container;  ///< "none", "docker", "podman" or "other".
  std::string executable;
};

/// A peer by its numbers, as of connect(2).
struct AuditPeer {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t pid = 0;
  std::string user;  ///< Empty: not known.
  AuditProcess process{};
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
  std::string expected;              ///< Of a socket file: how it was made.
  std::string actual;                ///< How it was found.
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
