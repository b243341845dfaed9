#include "proxy/server/explain_reference.h"

#include <ostream>
#include <system_error>
#include <utility>

#include "auth/process_facts.h"
#include "config/wording.h"
#include "proxy/observe/escape.h"
#include "proxy/server/audit_reader.h"

namespace peerpool::server {
namespace {

using observe::printable;

/// How much an event says about a decision.
int weightOf(const AuditRecord& record) {
  switch (record.answer) {
    case RecordedAnswer::None:
      return record.has_peer && !record.listener.empty() ? 1 : 0;
    case RecordedAnswer::Started:
      return 2;
    case RecordedAnswer::Shut:
    case RecordedAnswer::Allowed:
    case RecordedAnswer::Denied:
    case RecordedAnswer::Refused:
      return 3;
  }
  return 0;
}

std::string_view answerText(const AuditRecord& record) {
  switch (record.answer) {
    case RecordedAnswer::None:
      return "none";
    case RecordedAnswer::Started:
      return "let through to login";
    case RecordedAnswer::Shut:
      return "denied at accept";
    case RecordedAnswer::Allowed:
      return "allowed";
    case RecordedAnswer::Denied:
      return "denied";
    case RecordedAnswer::Refused:
      return "refused";
  }
  return {};
}

void printPeerThen(const auth::Identity& peer, std::ostream& out) {
  out << "peer then: user " << (peer.user.empty() ? "without a name" : printable(peer.user))
      << ", uid " << peer.uid;
  if (peer.gid != auth::kNoGid) {
    out << ", gid " << peer.gid;
  }
  if (peer.pid != 0) {
    out << ", pid " << peer.pid;
  }
  if (const auth::CgroupPlace* const place = peer.process->cgroup.find()) {
    out << ", cgroup " << printable(place->path);
    out << (place->unit.empty() ? "" : ", unit " + printable(place->unit));
  }
  out << (*peer.process->apart.find() ? ", in a container" : "");
  if (const auth::Executable* const program = peer.process->executable.find()) {
    out << ", running " << printable(program->path);
  }
  out << '\n';
}

}  // namespace

Result<std::optional<FoundEvent>> findEvent(const std::vector<std::string>& files,
                                            const std::string& reference) {
  std::optional<FoundEvent> found;
  int weight = 0;
  for (const std::string& file : files) {
    const auto look = [&](std::string_view line, std::uint64_t number) {
      if (line.find(reference) == std::string_view::npos) {
        return;
      }
      Result<AuditRecord> record = parseAuditRecord(line);
      if (!record || record->reference != reference) {
        return;
      }
      const int here = weightOf(*record);
      if (here > 0 && here >= weight) {
        weight = here;
        found = FoundEvent{*std::move(record), file, number};
      }
    };
    if (const int error = readLines(file, kLongestAuditRecord, look); error != 0) {
      return Error{ErrorCode::System, file + ": " + std::generic_category().message(error)};
    }
  }
  return found;
}

bool isLogin(const AuditRecord& record) noexcept {
  return record.answer == RecordedAnswer::Allowed || record.answer == RecordedAnswer::Denied ||
         record.answer == RecordedAnswer::Refused;
}

void printEvent(const FoundEvent& event, std::ostream& out) {
  const AuditRecord& record = event.record;
  out << "event " << printable(record.reference) << ": " << printable(record.action) << " at "
      << printable(record.time_text) << " (" << printable(event.file) << ':' << event.line << ")\n";
  printPeerThen(record.peer, out);
  out << "asked for then: listener " << printable(record.listener);
  if (isLogin(record)) {
    out << ", database " << config::quoted(record.database) << ", role "
        << config::quoted(record.role);
  }
  out << "\ndecision then: " << answerText(record);
  if (!record.rule.empty()) {
    out << " by rule " << config::quoted(record.rule);
    out << (record.where.empty() ? "" : " (" + printable(record.where) + ')');
  }
  if (!record.role_granted.empty()) {
    out << ", as role " << config::quoted(record.role_granted);
  }
  out << '\n' << (record.reason.empty() ? "" : "  " + printable(record.reason) + '\n');
}

}  // namespace peerpool::server
