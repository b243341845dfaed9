#include "proxy/server/audit_record.h"

#include <Poco/Dynamic/Var.h>
#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <array>
#include <memory>
#include <utility>

#include "auth/peer.h"
#include "auth/process_facts.h"
#include "config/units.h"

namespace peerpool::server {
namespace {

using auth::Fact;
using Poco::JSON::Object;

/// Those that peerpool writes have one level.
constexpr std::size_t kDeepest = 4;

Error broken(const std::string& text) { return {ErrorCode::Protocol, text}; }

/// Empty when there is no text of that name.
std::string text(const Object& line, const char* key) {
  const Poco::Dynamic::Var value = line.get(key);
  return value.isString() ? value.convert<std::string>() : std::string();
}

/// A number, or a text of digits.
std::optional<std::uint64_t> number(const Object& line, const char* key, std::uint64_t largest) {
  const Poco::Dynamic::Var value = line.get(key);
  if (value.isEmpty() || value.isStruct() || value.isArray() || value.isBoolean()) {
    return std::nullopt;
  }
  return config::parseNumber(value.convert<std::string>(), largest);
}

/// "2026-11-23T12:00:00.123Z": fractions of a second decide nothing.
config::Moment momentOf(std::string time) {
  const std::size_t dot = time.find('.');
  if (dot != std::string::npos) {
    const std::size_t end = time.find_first_not_of("0123456789", dot + 1);
    time.erase(dot, end == std::string::npos ? end : end - dot);
  }
  const std::optional<config::Instant> instant = config::parseInstant(time);
  return instant ? config::Moment(*instant) : config::Moment();
}

/// Of login-denied: the sentences of auth::Policy; others refuse for reasons of their own.
bool isOfPolicy(const std::string& reason) {
  const auto has = [&](const char* part) { return reason.find(part) != std::string::npos; };
  return reason.starts_with("no rule of listener ") ||
         (reason.starts_with("rule ") && has(" denies ")) || has(" has more than 63 bytes") ||
         has(" contains a zero byte");
}

RecordedAnswer answerOf(const std::string& action, const std::string& reason) {
  constexpr std::array kAnswers = {std::pair{"connection-started", RecordedAnswer::Started},
                                   std::pair{"connection-denied", RecordedAnswer::Shut},
                                   std::pair{"login-allowed", RecordedAnswer::Allowed},
                                   std::pair{"login-denied", RecordedAnswer::Denied}};
  for (const auto& [name, answer] : kAnswers) {
    if (action == name) {
      return answer == RecordedAnswer::Denied && !isOfPolicy(reason) ? RecordedAnswer::Refused
                                                                     : answer;
    }
  }
  return RecordedAnswer::None;
}

std::shared_ptr<const auth::ProcessFacts> processOf(const Object& line) {
  auto facts = std::make_shared<auth::ProcessFacts>();
  const auto place = auth::parseCgroupPath(text(line, "peerpool.process.cgroup"));
  facts->cgroup = place ? Fact<auth::CgroupPlace>::known(*place)
                        : Fact<auth::CgroupPlace>::unknown("the audit log does not tell");
  // Nobody looks where no rule and no listener asks; then the peer came from outside of them.
  const std::string container = text(line, "peerpool.process.container");
  facts->apart = Fact<bool>::known(!container.empty() && container != "none");
  auth::Executable program;
  program.path = text(line, "process.executable");
  program.made_up = true;
  program.sha256_why_not = "the audit log does not tell";
  facts->executable = program.path.empty()
                          ? Fact<auth::Executable>::unknown("the audit log does not tell")
                          : Fact<auth::Executable>::known(std::move(program));
  facts->label = Fact<std::string>::unknown("the audit log does not tell");
  return facts;
}

void readPeer(const Object& line, AuditRecord& record) {
  const auto uid = number(line, "user.id", auth::kNoUid);
  const auto gid = number(line, "user.group.id", auth::kNoGid);
  record.has_peer = uid.has_value();
  record.has_gid = gid.has_value();
  if (!uid) {
    return;
  }
  record.peer.uid = static_cast<uid_t>(*uid);
  record.peer.gid = gid ? static_cast<gid_t>(*gid) : auth::kNoGid;
  record.peer.known = record.peer.uid != auth::kNoUid && record.peer.uid != auth::OverflowIds{}.uid;
  record.peer.pid = static_cast<pid_t>(number(line, "process.pid", 0x7fffffff).value_or(0));
  record.peer.user = text(line, "user.name");
  record.peer.process = processOf(line);
}

AuditRecord recordOf(const Object& line) {
  AuditRecord record;
  record.action = text(line, "event.action");
  record.reason = text(line, "event.reason");
  record.answer = answerOf(record.action, record.reason);
  record.time_text = text(line, "@timestamp");
  record.time = momentOf(record.time_text);
  record.reference = text(line, "event.id");
  readPeer(line, record);
  record.listener = text(line, "peerpool.listener");
  record.database = text(line, "peerpool.database");
  record.role = text(line, "peerpool.role_requested");
  record.role_granted = text(line, "peerpool.role_granted");
  record.rule = text(line, "rule.name");
  record.where = text(line, "peerpool.rule_location");
  record.events = number(line, "peerpool.events", UINT32_MAX).value_or(1);
  return record;
}

}  // namespace

Result<AuditRecord> parseAuditRecord(std::string_view line) {
  if (line.size() > kLongestAuditRecord) {
    return broken("it is longer than any line of an audit log");
  }
  if (line.empty() || line.front() != '{' || line.back() != '}') {
    return broken("it is no JSON object");
  }
  try {
    Poco::JSON::Parser parser;
    parser.setDepth(kDeepest);
    const auto object = parser.parse(std::string(line)).extract<Object::Ptr>();
    AuditRecord record = recordOf(*object);
    if (record.action.empty()) {
      return broken("it has no event.action");
    }
    const bool decided = record.answer != RecordedAnswer::None;
    if (decided && (!record.has_peer || record.listener.empty())) {
      return broken("it has no peer or no listener");
    }
    return record;
  } catch (const Poco::Exception& exception) {
    return broken("it is no JSON: " + exception.displayText().substr(0, 200));
  } catch (const std::exception& exception) {
    return broken(exception.what());
  }
}

}  // namespace peerpool::server
