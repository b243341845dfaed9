// Reports to JSON. The only place that writes it.

#include "proxy/admin/status_json.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <array>
#include <chrono>
#include <sstream>
#include <utility>

#include "proxy/observe/escape.h"

namespace peerpool::admin {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::array<std::pair<StatusKind, std::string_view>, 5> kKinds = {{
    {StatusKind::All, "all"},
    {StatusKind::Pools, "pools"},
    {StatusKind::Clients, "clients"},
    {StatusKind::Servers, "servers"},
    {StatusKind::Limits, "limits"},
}};

Object::Ptr makeObject() { return new Object(Poco::JSON_PRESERVE_KEY_ORDER); }

/// Poco writes bytes that are not UTF-8 as they are, so they must not get there.
void setText(Object& object, const char* key, const std::string& text) {
  object.set(key, observe::printable(text));
}

template <typename Number>
void setCount(Object& object, const char* key, Number number) {
  object.set(key, static_cast<Poco::UInt64>(number));
}

template <typename Period>
void setMilliseconds(Object& object, const char* key, Period period) {
  using std::chrono::milliseconds;
  object.set(key,
             static_cast<Poco::Int64>(std::chrono::duration_cast<milliseconds>(period).count()));
}

Object::Ptr poolObject(const PoolReport& pool) {
  Object::Ptr object = makeObject();
  setText(*object, "backend", pool.backend);
  setText(*object, "database", pool.database);
  setText(*object, "role", pool.login_role);
  setText(*object, "mode", pool.mode);
  setCount(*object, "worker", pool.worker);
  setCount(*object, "size", pool.size);
  setCount(*object, "clients", pool.stats.clients);
  setCount(*object, "waiting", pool.stats.waiting);
  setMilliseconds(*object, "max_wait_ms", pool.stats.longest_wait);
  setCount(*object, "active", pool.stats.active);
  setCount(*object, "idle", pool.stats.idle);
  setCount(*object, "login", pool.stats.login);
  setCount(*object, "closing", pool.stats.closing);
  setCount(*object, "leases", pool.stats.leases);
  setCount(*object, "waits", pool.stats.waits);
  setCount(*object, "wait_timeouts", pool.stats.wait_timeouts);
  setMilliseconds(*object, "wait_time_ms", pool.stats.wait_time);
  setCount(*object, "logins", pool.stats.logins);
  setCount(*object, "login_failures", pool.stats.login_failures);
  setText(*object, "last_failure", pool.stats.last_failure);
  object->set("backend_fails", pool.stats.backend_fails);
  setMilliseconds(*object, "failing_ms", pool.stats.failing_for);
  setMilliseconds(*object, "next_attempt_ms", pool.stats.next_attempt);
  object->set("starved", pool.stats.starved);
  setCount(*object, "pinned", pool.pinned);
  Object::Ptr pins = makeObject();
  for (const PinReport& pin : pool.pins) {
    setCount(*pins, pin.state.c_str(), pin.count);
  }
  object->set("pins", pins);
  return object;
}

Object::Ptr clientObject(const ClientReport& client) {
  Object::Ptr object = makeObject();
  setCount(*object, "id", client.id);
  setText(*object, "listener", client.listener);
  setText(*object, "rule", client.rule);
  setText(*object, "user", client.user);
  setCount(*object, "uid", client.uid);
  object->set("pid", static_cast<Poco::Int64>(client.pid));
  setText(*object, "database", client.database);
  setText(*object, "role", client.role);
  setText(*object, "state", client.state);
  setCount(*object, "server", client.server);
  setMilliseconds(*object, "age_ms", client.age);
  setText(*object, "application_name", client.application_name);
  return object;
}

Object::Ptr serverObject(const ServerReport& server) {
  Object::Ptr object = makeObject();
  setCount(*object, "id", server.id);
  setText(*object, "backend", server.backend);
  setText(*object, "database", server.database);
  setText(*object, "role", server.login_role);
  setText(*object, "state", server.state);
  object->set("pid", static_cast<Poco::Int64>(server.backend_pid));
  setCount(*object, "client", server.client);
  setCount(*object, "worker", server.worker);
  setMilliseconds(*object, "age_ms", server.age);
  return object;
}

Array::Ptr limitArray(const std::vector<LimitReport>& limits) {
  Array::Ptr array = new Array(Poco::JSON_PRESERVE_KEY_ORDER);
  for (const LimitReport& limit : limits) {
    Object::Ptr object = makeObject();
    setText(*object, "setting", limit.setting);
    setCount(*object, "hits", limit.hits);
    array->add(object);
  }
  return array;
}

Object::Ptr auditObject(const AuditReport& audit) {
  Object::Ptr object = makeObject();
  setText(*object, "to", audit.place);
  setCount(*object, "sequence", audit.sequence);
  setText(*object, "hash", audit.hash);
  setCount(*object, "lost", audit.lost);
  return object;
}

Array::Ptr driftArray(const std::vector<DriftReport>& drift) {
  Array::Ptr array = new Array(Poco::JSON_PRESERVE_KEY_ORDER);
  for (const DriftReport& one : drift) {
    Object::Ptr object = makeObject();
    setText(*object, "listener", one.listener);
    setText(*object, "path", one.path);
    setText(*object, "expected", one.expected);
    setText(*object, "actual", one.actual);
    setText(*object, "trouble", one.trouble);
    array->add(object);
  }
  return array;
}

template <typename Item>
Array::Ptr collect(const std::vector<WorkerReport>& workers, std::vector<Item> WorkerReport::*items,
                   Object::Ptr (*make)(const Item&)) {
  Array::Ptr array = new Array(Poco::JSON_PRESERVE_KEY_ORDER);
  for (const WorkerReport& worker : workers) {
    for (const Item& item : worker.*items) {
      array->add(make(item));
    }
  }
  return array;
}

std::string text(const Object& object) {
  std::ostringstream out;
  object.stringify(out);
  return out.str();
}

}  // namespace

std::string_view name(StatusKind kind) noexcept {
  for (const auto& [known, word] : kKinds) {
    if (known == kind) {
      return word;
    }
  }
  return "all";
}

std::optional<StatusKind> statusKind(std::string_view word) noexcept {
  for (const auto& [kind, known] : kKinds) {
    if (known == word) {
      return kind;
    }
  }
  return std::nullopt;
}

std::string statusJson(const StatusReport& report, StatusKind kind) {
  Object::Ptr document = makeObject();
  const ProcessReport& process = report.process;
  setText(*document, "version", process.version);
  document->set("pid", static_cast<Poco::Int64>(process.pid));
  setText(*document, "config", process.config);
  setMilliseconds(*document, "uptime_ms", process.uptime);
  setCount(*document, "generation", process.generation);
  setText(*document, "mode", process.mode);
  document->set("complete", process.complete);
  const auto wanted = [kind](StatusKind part) { return kind == StatusKind::All || kind == part; };
  if (kind == StatusKind::All && report.audit) {
    document->set("audit", auditObject(*report.audit));
  }
  if (kind == StatusKind::All && !report.drift.empty()) {
    document->set("socket_drift", driftArray(report.drift));
  }
  if (wanted(StatusKind::Pools)) {
    document->set("pools", collect(report.workers, &WorkerReport::pools, poolObject));
  }
  if (wanted(StatusKind::Clients)) {
    document->set("clients", collect(report.workers, &WorkerReport::clients, clientObject));
  }
  if (wanted(StatusKind::Servers)) {
    document->set("servers", collect(report.workers, &WorkerReport::servers, serverObject));
  }
  if (wanted(StatusKind::Limits)) {
    document->set("limits", limitArray(report.limits));
  }
  return text(*document);
}

std::string errorJson(const std::string& error) {
  Object::Ptr document = makeObject();
  setText(*document, "error", error);
  return text(*document);
}

}  // namespace peerpool::admin
