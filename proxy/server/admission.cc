// One accepted connection after the other.

#include "proxy/server/admission.h"

#include <fcntl.h>
#include <sys/random.h>

#include <array>
#include <cstdint>
#include <utility>

#include "auth/audit_facts.h"
#include "proxy/base/check.h"
#include "proxy/base/limit_hits.h"
#include "proxy/server/descriptor_plan.h"
#include "proxy/server/storm_reporter.h"

namespace peerpool::server {
namespace {

constexpr char kUnaudited[] = "the audit log cannot be written";
// For one client: at a full listener, in a full process, and once more because of who was faster.
constexpr std::size_t kMostClaims = 3;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

}  // namespace

std::string makeReference() {
  std::array<std::uint8_t, 6> random{};
  // Never short and never interrupted for so few bytes (getrandom(2)).
  check(::getrandom(random.data(), random.size(), 0) == static_cast<ssize_t>(random.size()),
        "getrandom failed");
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : random) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0f];
  }
  return text;
}

/// Ends the waiting for names that do not come.
class Admission::Patience final : public event::Timer {
 public:
  Patience(event::EventLoop& loop, UserNames& names) : event::Timer(loop.timers()), names_(names) {}
  void update() { set(names_.deadline()); }

 private:
  void onTimer(TimePoint now) override {
    names_.expire(now);
    update();
  }
  UserNames& names_;
};

Admission::Admission(Parts parts, const UserNames::Limits& limits)
    : parts_(std::move(parts)),
      keeper_(parts_.counts, parts_.places),
      claims_(parts_.loop, parts_.workers, PlaceClaims::Limits{}),
      names_(parts_.lookup, limits),
      live_(std::make_shared<std::atomic<std::size_t>>(0)),
      patience_(std::make_unique<Patience>(parts_.loop, names_)) {}

Admission::~Admission() = default;

void Admission::onAccepted(UniqueFd fd, const config::Listener& listener) {
  // Whoever is turned away costs a descriptor until it has been told so; so even they are counted.
  const std::size_t most = parts_.places.max_clients + mostTurnedAway(parts_.places.max_clients);
  if (liveClients() >= most) {
    logDropped(listener);
    return;
  }
  auth::Admitted admitted;
  admitted.fd = std::move(fd);
  admitted.id = ids_.next();
  admitted.snapshot = parts_.snapshot;
  admitted.listener = &listener;
  admitted.accepted_at = parts_.loop.now();
  admitted.slot = auth::ClientSlot(live_);
  UniqueFd process = identify(admitted);
  if (admitted.decision != nullptr) {
    turnAway(std::move(admitted));  // Nobody can tell who it is.
    return;
  }
  const auth::Looks missing = parts_.snapshot->policy.missing(admitted.identity, listener.name);
  if (missing.executable && process && parts_.attest) {
    attest(std::move(admitted), std::move(process), missing.sha256);
  } else {
    decide(std::move(admitted));
  }
}

/// What it runs is a helper's answer, and so is waited for.
void Admission::attest(auth::Admitted admitted, UniqueFd process, bool sha256) {
  const uid_t uid = admitted.identity.uid;
  const auto parked = std::make_shared<auth::Admitted>(std::move(admitted));
  parts_.attest(uid, std::move(process), sha256, [this, parked](auto program) {
    auto facts = std::make_shared<auth::ProcessFacts>(*parked->identity.process);
    facts->executable = std::move(program);
    parked->identity.process = std::move(facts);
    decide(std::move(*parked));
  });
}

void Admission::decide(auth::Admitted admitted) {
  admitted.decision = std::make_unique<const auth::Decision>(admitted.snapshot->policy.accept(
      admitted.identity, admitted.listener->name, std::chrono::system_clock::now()));
  if (admitted.decision->verdict == auth::Verdict::Deny) {
    turnAway(std::move(admitted));
  } else if (auto limit = keeper_.takeToken(admitted, parts_.loop.now())) {
    refuse(std::move(admitted), *std::move(limit));
  } else {
    findPlace(std::move(admitted), 0);
  }
}

/// `claims`: how often a place was claimed for it. It may have been given its places meanwhile.
void Admission::findPlace(auth::Admitted admitted, std::size_t claims) {
  PlaceKeeper::Answer answer;
  if (!admitted.places.process) {
    answer = keeper_.takePlaces(admitted);
  }
  if (!answer.reached) {
    findName(std::move(admitted));
  } else if (answer.due && claims < kMostClaims && claims_.accepts(admitted.identity.uid)) {
    claimPlace(std::move(admitted), claims);
  } else {
    refuse(std::move(admitted), *std::move(answer.reached));
  }
}

void Admission::claimPlace(auth::Admitted admitted, std::size_t claims) {
  const auto parked = std::make_shared<auth::Admitted>(std::move(admitted));
  const auto due = [this, parked]() -> std::optional<PlaceClaims::Due> {
    PlaceKeeper::Answer answer = keeper_.takePlaces(*parked);
    if (!answer.due) {
      return std::nullopt;
    }
    return PlaceClaims::Due{*std::move(answer.due), *std::move(answer.reached)};
  };
  const auto done = [this, parked, claims](bool freed) {
    findPlace(std::move(*parked), freed ? claims + 1 : kMostClaims);
  };
  claims_.add({parked->identity.uid, due, done});
}

void Admission::refuse(auth::Admitted admitted, auth::LimitReached limit) {
  parts_.limit_hits.count(limit.limit);
  admitted.over_limit = std::move(limit);
  turnAway(std::move(admitted));
}

void Admission::turnAway(auth::Admitted admitted) {
  const PlaceKeeper::Away away = keeper_.takeAwayPlace(admitted, parts_.loop.now());
  if (away != PlaceKeeper::Away::Told) {
    audit(admitted);  // Closed without a word, so there is no reference to find it by.
    logRefusal(admitted);
    if (away == PlaceKeeper::Away::Flood && admitted.identity.known) {
      parts_.on_flood(admitted.identity, *admitted.listener);
    }
  } else if (admitted.identity.known) {
    findName(std::move(admitted));
  } else {
    conclude(std::move(admitted));
  }
}

void Admission::findName(auth::Admitted admitted) {
  const uid_t uid = admitted.identity.uid;
  const auto waiting = std::make_shared<auth::Admitted>(std::move(admitted));
  names_.find(uid, parts_.loop.now(), [this, waiting](const std::string& name) {
    waiting->identity.user = name;
    conclude(std::move(*waiting));
  });
  patience_->update();
}

/// Denies what has no identity at all. Returns the pidfd, if the listener asks for programs.
UniqueFd Admission::identify(auth::Admitted& admitted) {
  Result<auth::Identity> peer = auth::readPeer(admitted.fd.get(), parts_.overflow);
  if (!peer) {
    auth::Decision denial;
    denial.rule = "default";
    denial.reason = "the peer could not be identified: " + peer.error().text;
    admitted.decision = std::make_unique<const auth::Decision>(std::move(denial));
    return {};
  }
  admitted.identity = *std::move(peer);
  const auth::Looks& asked = parts_.snapshot->policy.looks(admitted.listener->name);
  if (!asked.any() || !admitted.identity.known) {
    return {};
  }
  auth::Looks looks = asked;
  looks.lifetime = asked.lifetime || asked.executable;
  auth::ProcessReader::Seen seen = processes_.look(admitted.fd.get(), admitted.identity, looks);
  admitted.identity.process = std::move(seen.facts);
  UniqueFd process;
  if (asked.executable && asked.lifetime && seen.handle) {
    process.reset(::fcntl(seen.handle.get(), F_DUPFD_CLOEXEC, 0));
  }
  (asked.lifetime ? admitted.process : process) = std::move(seen.handle);
  return process;
}

void Admission::onNameResolved(uid_t uid, std::optional<std::string> name) {
  names_.onResolved(uid, std::move(name), parts_.loop.now());
  patience_->update();
}

void Admission::conclude(auth::Admitted admitted) {
  admitted.reference = makeReference();
  audit(admitted);
  if (admitted.over_limit || admitted.unaudited ||
      admitted.decision->verdict == auth::Verdict::Deny) {
    logRefusal(admitted);
  }
  parts_.hand_over(std::move(admitted));
}

/// Whoever is let on has a first event, and whoever is turned away here its only one. In a storm of
/// those most become a number (storm_reporter.h): nobody can fill the disk who is not let in, and
/// so keep out those who are, where the audit log is required.
void Admission::audit(auth::Admitted& admitted) const {
  if (admitted.over_limit) {
    const std::string_view limit =
        kLimitSettings[static_cast<std::size_t>(admitted.over_limit->limit)];
    if (audits(admitted, kAuditedLimit, "limit", limit)) {
      AuditEvent event = auth::auditEvent(AuditAction::LimitHit, admitted);
      event.limit = limit;
      recordAfterwards(parts_.audit, std::move(event));
    }
  } else if (admitted.decision->verdict == auth::Verdict::Deny) {
    if (audits(admitted, kAuditedDenial, "rule", admitted.decision->rule)) {
      recordAfterwards(parts_.audit, auth::auditEvent(AuditAction::ConnectionDenied, admitted,
                                                      *admitted.decision));
    }
  } else if (!parts_.audit.record(auth::auditEvent(AuditAction::ConnectionStarted, admitted))) {
    admitted.unaudited = true;
    AuditEvent event = auth::auditEvent(AuditAction::ConnectionDenied, admitted);
    event.reason = kUnaudited;
    recordAfterwards(parts_.audit, std::move(event));
  }
}

bool Admission::audits(const auth::Admitted& admitted, std::string_view event,
                       std::string_view kind, std::string_view subject) const {
  return parts_.storms.admits(
      {event, admitted.identity.uid, kind, std::string(subject), admitted.listener->name},
      parts_.loop.now());
}

void Admission::logRefusal(const auth::Admitted& admitted) const {
  const auth::Identity& peer = admitted.identity;
  const auth::Decision& decision = *admitted.decision;
  const bool denied = !admitted.over_limit && !admitted.unaudited;
  StormKey key{
      denied ? "client denied" : "client refused", peer.uid, admitted.over_limit ? "limit" : "rule",
      admitted.over_limit ? admitted.over_limit->setting : decision.rule, admitted.listener->name};
  if (!parts_.storms.admits(key, parts_.loop.now())) {
    return;
  }
  LogEvent event{LogLevel::Warning,
                 key.event,
                 {{"ref", admitted.reference},
                  {"client", std::to_string(admitted.id.value)},
                  {"listener", admitted.listener->name},
                  {"uid", std::to_string(peer.uid)},
                  {"gid", std::to_string(peer.gid)},
                  {"pid", std::to_string(peer.pid)},
                  {"user", peer.user},
                  {"generation", std::to_string(admitted.snapshot->generation)}}};
  event.fields.emplace_back(key.kind, key.subject);
  if (denied) {
    event.fields.emplace_back("where", config::describe(decision.where));
    event.fields.emplace_back("reason", decision.reason);
  } else if (admitted.unaudited) {
    event.fields.emplace_back("reason", kUnaudited);
  }
  if (!decision.dry_run.empty()) {
    event.fields.emplace_back("dry_run", joined(decision.dry_run));
  }
  parts_.log.write(std::move(event));
}

/// So many are there that nobody looked at this one.
void Admission::logDropped(const config::Listener& listener) const {
  parts_.limit_hits.count(Limit::MaxClients);
  const StormKey key{"client dropped", auth::kNoUid, "limit", parts_.places.max_clients_setting,
                     listener.name};
  if (parts_.storms.admits(key, parts_.loop.now())) {
    parts_.log.write({LogLevel::Warning,
                      key.event,
                      {{"listener", listener.name},
                       {"limit", key.subject},
                       {"reason", "descriptors are kept for other clients"}}});
  }
}

}  // namespace peerpool::server
