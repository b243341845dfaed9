// The table of actions, then one field after the other.

#include "proxy/observe/audit_line.h"

#include <string_view>

#include "proxy/base/check.h"
#include "proxy/observe/json_text.h"
#include "proxy/observe/log_line.h"

namespace peerpool::observe {
namespace {

/// Values that the Elastic Common Schema allows for its categorization fields.
struct Category {
  std::string_view action;
  std::string_view category;  // As JSON, as is the next.
  std::string_view type;
  std::string_view outcome;
  std::string_view message;
};

Category categoryOf(AuditAction action) {
  constexpr std::string_view kNetwork = R"(["network"])";
  constexpr std::string_view kAuthentication = R"(["authentication"])";
  constexpr std::string_view kConfiguration = R"(["configuration"])";
  switch (action) {
    case AuditAction::ConnectionStarted:
      return {"connection-started", kNetwork, R"(["connection","start"])", "success",
              "connection started"};
    case AuditAction::ConnectionDenied:
      return {"connection-denied", kNetwork, R"(["connection","denied"])", "failure",
              "connection denied"};
    case AuditAction::LoginAllowed:
      return {"login-allowed", kAuthentication, R"(["start","allowed"])", "success",
              "login allowed"};
    case AuditAction::LoginDenied:
      return {"login-denied", kAuthentication, R"(["start","denied"])", "failure", "login denied"};
    case AuditAction::LimitHit:
      return {"limit-hit", kNetwork, R"(["info"])", "failure", "limit hit"};
    case AuditAction::CancelRejected:
      return {"cancel-rejected", kNetwork, R"(["denied"])", "failure", "cancel rejected"};
    case AuditAction::SessionEnded:
      return {"session-ended", R"(["session"])", R"(["end"])", "success", "session ended"};
    case AuditAction::ServiceStarted:
      return {"service-started", R"(["process"])", R"(["start"])", "success", "service started"};
    case AuditAction::ServiceStopped:
      return {"service-stopped", R"(["process"])", R"(["end"])", "success", "service stopped"};
    case AuditAction::ConfigurationLoaded:
      return {"configuration-loaded", kConfiguration, R"(["change"])", "success",
              "configuration loaded"};
    case AuditAction::ConfigurationRefused:
      return {"configuration-refused", kConfiguration, R"(["error"])", "failure",
              "configuration refused"};
    case AuditAction::EventsLost:
      return {"events-lost", R"(["process"])", R"(["error"])", "failure", "audit events lost"};
  }
  checkFailed("unknown AuditAction");
}

void appendText(std::string& line, std::string_view key, const std::string& text) {
  if (!text.empty()) {
    appendJsonField(line, key, text);
  }
}

void appendPeer(std::string& line, const AuditPeer& peer) {
  appendJsonField(line, "user.id", std::to_string(peer.uid));  // A keyword there, no number.
  appendText(line, "user.name", peer.user);
  appendJsonField(line, "user.group.id", std::to_string(peer.gid));
  appendJsonRaw(line, "process.pid", std::to_string(peer.pid));
}

void appendListener(std::string& line, const AuditEvent& event) {
  if (event.listener.empty()) {
    return;
  }
  appendJsonField(line, "network.transport", "unix");
  appendText(line, "server.address", event.address);
  appendJsonField(line, "peerpool.listener", event.listener);
}

void appendDryRun(std::string& line, const std::vector<std::string>& rules) {
  std::string list;
  for (const std::string& rule : rules) {
    list += list.empty() ? '[' : ',';
    appendJson(list, rule);
  }
  if (!list.empty()) {
    appendJsonRaw(line, "peerpool.dry_run", list + ']');
  }
}

}  // namespace

std::string auditLine(const AuditEvent& event, std::uint64_t sequence,
                      std::chrono::system_clock::time_point when, const AuditOrigin& origin) {
  const Category category = categoryOf(event.action);
  std::string line = "{";
  appendJsonField(line, "@timestamp", timestamp(when));
  appendJsonField(line, "ecs.version", kEcsVersion);
  appendJsonField(line, "event.kind", "event");
  appendJsonRaw(line, "event.category", category.category);
  appendJsonRaw(line, "event.type", category.type);
  appendJsonField(line, "event.action", category.action);
  appendJsonField(line, "event.outcome", category.outcome);
  appendJsonRaw(line, "event.sequence", std::to_string(sequence));
  appendText(line, "event.id", event.reference);
  appendText(line, "event.reason", event.reason);
  if (event.duration) {
    appendJsonRaw(line, "event.duration", std::to_string(event.duration->count()));
  }
  appendJsonField(line, "service.type", "peerpool");
  appendJsonField(line, "service.ephemeral_id", origin.instance);
  if (event.peer && event.storm) {
    appendJsonField(line, "user.id", std::to_string(event.peer->uid));
  } else if (event.peer) {
    appendPeer(line, *event.peer);
  } else {
    appendJsonRaw(line, "process.pid", std::to_string(origin.pid));
  }
  appendListener(line, event);
  appendText(line, "rule.name", event.rule);
  appendText(line, "peerpool.rule_location", event.where);
  appendText(line, "peerpool.backend", event.backend);
  appendText(line, "peerpool.database", event.database);
  appendText(line, "peerpool.role_requested", event.role_requested);
  appendText(line, "peerpool.role_granted", event.role_granted);
  appendText(line, "peerpool.limit", event.limit);
  appendDryRun(line, event.dry_run);
  if (event.storm) {
    appendJsonRaw(line, "peerpool.events", std::to_string(*event.storm));
  }
  if (event.generation != 0) {
    appendJsonRaw(line, "peerpool.generation", std::to_string(event.generation));
  }
  appendJsonField(line, "message", category.message);
  return line + '}';
}

}  // namespace peerpool::observe
