// One field after the other.

#include "proxy/observe/audit_line.h"

#include <string_view>

#include "proxy/observe/audit_category.h"
#include "proxy/observe/json_text.h"
#include "proxy/observe/log_line.h"

namespace peerpool::observe {
namespace {

void appendText(std::string& line, std::string_view key, const std::string& text) {
  if (!text.empty()) {
    appendJsonField(line, key, text);
  }
}

void appendProcess(std::string& line, const AuditProcess& process) {
  appendText(line, "process.executable", process.executable);
  appendText(line, "peerpool.process.cgroup", process.cgroup);
  appendText(line, "peerpool.process.unit", process.unit);
  appendText(line, "peerpool.process.user_unit", process.user_unit);
  appendText(line, "peerpool.process.slice", process.slice);
  appendText(line, "peerpool.process.container", process.container);
}

void appendPeer(std::string& line, const AuditPeer& peer) {
  appendJsonField(line, "user.id", std::to_string(peer.uid));  // A keyword there, no number.
  appendText(line, "user.name", peer.user);
  appendJsonField(line, "user.group.id", std::to_string(peer.gid));
  appendJsonRaw(line, "process.pid", std::to_string(peer.pid));
  appendProcess(line, peer.process);
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
  const AuditCategory category = categoryOf(event.action);
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
  appendText(line, "peerpool.expected", event.expected);
  appendText(line, "peerpool.actual", event.actual);
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
