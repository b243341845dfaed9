#include "proxy/server/policy_replay.h"

#include <utility>

#include "auth/name_resolver.h"
#include "config/diagnostics.h"
#include "config/wording.h"
#include "proxy/observe/escape.h"

namespace peerpool::server {
namespace {

/// Of an account that cannot be looked up all is unknown.
auth::Identity accountOf(uid_t uid, auth::Accounts& accounts) {
  Result<auth::Identity> found = auth::imaginedPeer(accounts, {"", uid, {}}, std::nullopt);
  return found ? *std::move(found) : auth::Identity();
}

auth::Identity withAccount(const AuditRecord& record, const auth::Identity& account) {
  auth::Identity peer = record.peer;
  peer.groups = account.groups;
  if (!record.has_gid) {
    peer.gid = account.gid;
  }
  if (peer.user.empty()) {
    peer.user = account.user;
  }
  return peer;
}

/// The answer then and now, and by which rule.
struct Answer {
  std::string text;
  std::string rule;
};

Answer recordedAnswer(const AuditRecord& record) {
  switch (record.answer) {
    case RecordedAnswer::Allowed:
      return {"allowed as role " + config::quoted(record.role_granted), record.rule};
    case RecordedAnswer::Denied:
      return {"denied", record.rule};
    case RecordedAnswer::Shut:
      return {"denied at accept", record.rule};
    case RecordedAnswer::Started:
    case RecordedAnswer::Refused:
    case RecordedAnswer::None:
      break;
  }
  return {};
}

Answer answerNow(const auth::Policy& policy, const AuditRecord& record,
                 const auth::Identity& peer) {
  if (record.answer == RecordedAnswer::Shut) {
    auth::Decision decision = policy.accept(peer, record.listener, record.time);
    return {decision.verdict == auth::Verdict::Deny ? "denied at accept" : "let through to login",
            std::move(decision.rule)};
  }
  auth::Decision decision =
      policy.login(peer, {record.listener, record.database, record.role, record.time});
  if (decision.verdict == auth::Verdict::Allow) {
    return {"allowed as role " + config::quoted(decision.login_role), std::move(decision.rule)};
  }
  return {"denied", std::move(decision.rule)};
}

std::string ruleText(const Answer& answer) {
  return answer.text + " by rule " + config::quoted(answer.rule);
}

std::string whoAndWhat(const AuditRecord& record, const auth::Identity& peer) {
  std::string text =
      peer.user.empty() ? "uid " + std::to_string(peer.uid)
                        : observe::printable(peer.user) + " (uid " + std::to_string(peer.uid) + ')';
  const auth::CgroupPlace* const place =
      peer.process == nullptr ? nullptr : peer.process->cgroup.find();
  if (place != nullptr && !place->unit.empty()) {
    text += " in unit " + observe::printable(place->unit);
  }
  text += " through listener " + observe::printable(record.listener);
  if (record.answer != RecordedAnswer::Shut) {
    text +=
        ", database " + config::quoted(record.database) + ", role " + config::quoted(record.role);
  }
  return text;
}

}  // namespace

auth::Identity recordedPeer(const AuditRecord& record, auth::Accounts& accounts) {
  return withAccount(record, accountOf(record.peer.uid, accounts));
}

void PolicyReplay::read(std::string_view line, const std::string& file, std::uint64_t number) {
  if (line.empty()) {
    return;
  }
  const Result<AuditRecord> record = parseAuditRecord(line);
  if (!record) {
    ++counts_.broken;
    if (broken_.size() < kMostBroken) {
      broken_.push_back(file + ':' + std::to_string(number) + ": " +
                        observe::printable(record.error().text));
    }
    return;
  }
  switch (record->answer) {
    case RecordedAnswer::None:
    case RecordedAnswer::Started:  // What came of it has a line of its own.
      return;
    case RecordedAnswer::Refused:
      counts_.refused += record->events;
      return;
    case RecordedAnswer::Shut:
    case RecordedAnswer::Allowed:
    case RecordedAnswer::Denied:
      decide(*record);
      return;
  }
}

const auth::Identity& PolicyReplay::groupsOf(const AuditRecord& record) {
  const auto known = known_.find(record.peer.uid);
  if (known != known_.end()) {
    return known->second;
  }
  if (known_.size() >= kMostGroups) {
    known_.clear();
  }
  return known_.emplace(record.peer.uid, accountOf(record.peer.uid, accounts_)).first->second;
}

void PolicyReplay::decide(const AuditRecord& record) {
  const auth::Identity peer = withAccount(record, groupsOf(record));
  const Answer was = recordedAnswer(record);
  const Answer is = answerNow(policy_, record, peer);
  counts_.decided += record.events;
  if (was.text == is.text) {
    counts_.other_rule += was.rule == is.rule ? 0 : record.events;
    return;
  }
  counts_.changed += record.events;
  const std::string text =
      whoAndWhat(record, peer) + ": was " + ruleText(was) + ", now " + ruleText(is);
  auto group = changed_.find(text);
  if (group == changed_.end()) {
    if (changed_.size() >= kMostGroups) {
      counts_.unlisted += record.events;
      return;
    }
    group = changed_.emplace(text, ReplayGroup{0, record.reference}).first;
  }
  group->second.count += record.events;
}

}  // namespace peerpool::server
