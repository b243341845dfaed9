// The table of ids, then one field after the other.

#include "proxy/observe/audit_journal.h"

#include <array>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/observe/audit_category.h"
#include "proxy/observe/escape.h"
#include "proxy/observe/journal_record.h"

namespace peerpool::observe {
namespace {

/// Made with random bits once. An entry is never changed, and never used for another event.
constexpr std::array kIds = {
    std::pair{AuditAction::ConnectionStarted, std::string_view("5c80243f8b9d490abf3020bd5aca5355")},
    std::pair{AuditAction::ConnectionDenied, std::string_view("1ba3c6bf10b84f1a89d355743157f77b")},
    std::pair{AuditAction::LoginAllowed, std::string_view("7cb9b969387c47cf87fc01c2ab67e94c")},
    std::pair{AuditAction::LoginDenied, std::string_view("18cf44f00a5a47df942c102cd0f455a5")},
    std::pair{AuditAction::LoginWouldBeDenied,
              std::string_view("335bd0ca88348d956be4dbd3dff9bb8e")},
    std::pair{AuditAction::LimitHit, std::string_view("d5770f9e51bf4ff9a2f028c63e78a095")},
    std::pair{AuditAction::CancelRejected, std::string_view("58518f92cbe3417c8e360f9fe7a75b5b")},
    std::pair{AuditAction::CancelForwarded, std::string_view("3f008c9ae8d5461dab51b00cb82f9bfa")},
    std::pair{AuditAction::SessionEnded, std::string_view("5c5cc462d4564cfea84f0e6fa2964e56")},
    std::pair{AuditAction::ServiceStarted, std::string_view("4b3d5b75078e4e8384500575dd9da80d")},
    std::pair{AuditAction::ServiceStopped, std::string_view("cc0e1417d45040909398d17aeeb1feb5")},
    std::pair{AuditAction::ConfigurationLoaded,
              std::string_view("e17c702e0793425d8cf1d337da8cf0dc")},
    std::pair{AuditAction::ConfigurationRefused,
              std::string_view("98f07ca70c574e81b5f09bce87a9d4a2")},
    std::pair{AuditAction::ModeChanged, std::string_view("bc9de183f60eeba7aa58744e3b501b89")},
    std::pair{AuditAction::AdminCommand, std::string_view("9bbf8aba60444e78949df2cfce903959")},
    std::pair{AuditAction::SocketDrift, std::string_view("d1f6884be4294617ad81572ce6277d41")},
    std::pair{AuditAction::SocketMended, std::string_view("ddc09a381ab54fb8bacd2bd815b5937d")},
    std::pair{AuditAction::EventsLost, std::string_view("8af3f3b87647410981822aa3fe3935c0")},
    std::pair{AuditAction::ChainStarted, std::string_view("8cbdd090c42448c2966d9cf3d3606b70")},
    std::pair{AuditAction::ChainContinued, std::string_view("a333c9cf90ec46a689c385f69c9b6096")},
};

/// As in syslog(3): denials and what an operator must see are warnings (4), the rest is notice (5)
/// or info (6).
std::string_view priorityOf(AuditAction action, std::string_view outcome) {
  if (outcome == "failure") {
    return action == AuditAction::EventsLost ? "3" : "4";
  }
  return action == AuditAction::ConnectionStarted || action == AuditAction::SessionEnded ? "6"
                                                                                         : "5";
}

void appendText(std::string& out, std::string_view key, const std::string& text) {
  if (!text.empty()) {
    appendJournalField(out, key, printable(text));
  }
}

std::string_view decisionOf(AuditAction action) {
  switch (action) {
    case AuditAction::LoginAllowed:
    case AuditAction::CancelForwarded:
      return "allow";
    case AuditAction::ConnectionDenied:
    case AuditAction::LoginDenied:
    case AuditAction::CancelRejected:
      return "deny";
    case AuditAction::ConnectionStarted:
    case AuditAction::LoginWouldBeDenied:
    case AuditAction::LimitHit:
    case AuditAction::SessionEnded:
    case AuditAction::ServiceStarted:
    case AuditAction::ServiceStopped:
    case AuditAction::ConfigurationLoaded:
    case AuditAction::ConfigurationRefused:
    case AuditAction::ModeChanged:
    case AuditAction::AdminCommand:
    case AuditAction::SocketDrift:
    case AuditAction::SocketMended:
    case AuditAction::EventsLost:
    case AuditAction::ChainStarted:
    case AuditAction::ChainContinued:
      return {};
  }
  checkFailed("unknown AuditAction");
}

void appendPeer(std::string& out, const AuditEvent& event) {
  if (!event.peer) {
    return;
  }
  appendJournalField(out, "PEERPOOL_PEER_UID", std::to_string(event.peer->uid));
  if (event.storm) {
    return;  // Of many peers the rest differs.
  }
  appendText(out, "PEERPOOL_PEER_USER", event.peer->user);
  appendJournalField(out, "PEERPOOL_PEER_GID", std::to_string(event.peer->gid));
  if (event.peer->pid > 0) {
    appendJournalField(out, "OBJECT_PID", std::to_string(event.peer->pid));
  }
  const AuditProcess& process = event.peer->process;
  appendText(out, "PEERPOOL_PEER_UNIT", process.unit);
  appendText(out, "PEERPOOL_PEER_USER_UNIT", process.user_unit);
  appendText(out, "PEERPOOL_PEER_SLICE", process.slice);
  appendText(out, "PEERPOOL_PEER_CGROUP", process.cgroup);
  appendText(out, "PEERPOOL_PEER_CONTAINER", process.container);
  appendText(out, "PEERPOOL_PEER_EXECUTABLE", process.executable);
}

std::string messageOf(const AuditEvent& event, std::string_view words) {
  std::string message(words);
  for (const std::string* part : {&event.reason, &event.rule, &event.limit}) {
    if (!part->empty()) {
      message.append(": ").append(printable(*part));
      break;
    }
  }
  return message;
}

}  // namespace

std::string_view messageId(AuditAction action) noexcept {
  for (const auto& [known, id] : kIds) {
    if (known == action) {
      return id;
    }
  }
  return {};
}

std::string auditJournalRecord(const AuditEvent& event, std::string_view line) {
  const AuditCategory category = categoryOf(event.action);
  std::string out;
  appendJournalField(out, "MESSAGE", messageOf(event, category.message));
  appendJournalField(out, "MESSAGE_ID", messageId(event.action));
  appendJournalField(out, "PRIORITY", priorityOf(event.action, category.outcome));
  appendJournalField(out, "SYSLOG_IDENTIFIER", "peerpool-audit");
  appendPeer(out, event);
  appendJournalField(out, "PEERPOOL_ACTION", category.action);
  appendText(out, "PEERPOOL_DECISION", std::string(decisionOf(event.action)));
  appendText(out, "PEERPOOL_REFERENCE", event.reference);
  appendText(out, "PEERPOOL_REASON", event.reason);
  appendText(out, "PEERPOOL_LISTENER", event.listener);
  appendText(out, "PEERPOOL_RULE", event.rule);
  appendText(out, "PEERPOOL_RULE_LOCATION", event.where);
  appendText(out, "PEERPOOL_BACKEND", event.backend);
  appendText(out, "PEERPOOL_DATABASE", event.database);
  appendText(out, "PEERPOOL_ROLE_REQUESTED", event.role_requested);
  appendText(out, "PEERPOOL_ROLE_GRANTED", event.role_granted);
  appendText(out, "PEERPOOL_LIMIT", event.limit);
  appendText(out, "PEERPOOL_EXPECTED", event.expected);
  appendText(out, "PEERPOOL_ACTUAL", event.actual);
  if (event.generation != 0) {
    appendJournalField(out, "PEERPOOL_GENERATION", std::to_string(event.generation));
  }
  appendJournalField(out, "PEERPOOL_AUDIT", line);
  return out;
}

}  // namespace peerpool::observe
