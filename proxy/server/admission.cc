// One accepted connection after the other.

#include "proxy/server/admission.h"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <utility>

#include "auth/audit_facts.h"
#include "proxy/base/check.h"
#include "proxy/base/limit_hits.h"

namespace peerpool::server {
namespace {

constexpr char kUnaudited[] = "the audit log cannot be written";

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
      names_(parts_.lookup, limits),
      live_(std::make_shared<std::atomic<std::size_t>>(0)),
      patience_(std::make_unique<Patience>(parts_.loop, names_)) {}

Admission::~Admission() = default;

void Admission::onAccepted(UniqueFd fd, const config::Listener& listener) {
  const std::size_t max_clients = parts_.snapshot->config->process.max_clients;
  const std::size_t live = liveClients();
  // Whoever is refused costs a descriptor until it has been told so; so even they are counted.
  if (live >= max_clients + max_clients / 8 + 64) {
    parts_.log.write(
        {LogLevel::Warning,
         "client dropped",
         {{"listener", listener.name}, {"reason", "process.max_clients is far exceeded"}}});
    return;
  }
  auth::Admitted admitted;
  admitted.fd = std::move(fd);
  admitted.id = ids_.next();
  admitted.over_limit = live >= max_clients;
  admitted.reference = makeReference();
  admitted.snapshot = parts_.snapshot;
  admitted.listener = &listener;
  admitted.accepted_at = parts_.loop.now();
  admitted.slot = auth::ClientSlot(live_);
  decide(admitted);
  if (!admitted.identity.known) {
    conclude(std::move(admitted));
    return;
  }
  const uid_t uid = admitted.identity.uid;
  const auto waiting = std::make_shared<auth::Admitted>(std::move(admitted));
  names_.find(uid, parts_.loop.now(), [this, waiting](const std::string& name) {
    waiting->identity.user = name;
    conclude(std::move(*waiting));
  });
  patience_->update();
}

void Admission::decide(auth::Admitted& admitted) const {
  Result<auth::Identity> peer = auth::readPeer(admitted.fd.get(), parts_.overflow);
  if (!peer) {
    admitted.decision.rule = "default";
    admitted.decision.reason = "the peer could not be identified: " + peer.error().text;
    return;
  }
  admitted.identity = *std::move(peer);
  admitted.decision = parts_.snapshot->policy.accept(admitted.identity, admitted.listener->name);
}

void Admission::onNameResolved(uid_t uid, std::optional<std::string> name) {
  names_.onResolved(uid, std::move(name), parts_.loop.now());
  patience_->update();
}

void Admission::conclude(auth::Admitted admitted) {
  audit(admitted);
  if (admitted.over_limit || admitted.unaudited ||
      admitted.decision.verdict == auth::Verdict::Deny) {
    logRefusal(admitted);
  }
  parts_.hand_over(std::move(admitted));
}

/// Whoever is turned away here has one event, and whoever is let on a first one.
void Admission::audit(auth::Admitted& admitted) const {
  if (admitted.over_limit) {
    AuditEvent event = auth::auditEvent(AuditAction::LimitHit, admitted);
    event.limit = kLimitSettings[static_cast<std::size_t>(Limit::MaxClients)];
    recordAfterwards(parts_.audit, std::move(event));
  } else if (admitted.decision.verdict == auth::Verdict::Deny) {
    recordAfterwards(parts_.audit,
                     auth::auditEvent(AuditAction::ConnectionDenied, admitted, admitted.decision));
  } else if (!parts_.audit.record(auth::auditEvent(AuditAction::ConnectionStarted, admitted))) {
    admitted.unaudited = true;
    AuditEvent event = auth::auditEvent(AuditAction::ConnectionDenied, admitted);
    event.reason = kUnaudited;
    recordAfterwards(parts_.audit, std::move(event));
  }
}

void Admission::logRefusal(const auth::Admitted& admitted) const {
  const auth::Identity& peer = admitted.identity;
  const auth::Decision& decision = admitted.decision;
  const bool denied = !admitted.over_limit && !admitted.unaudited;
  LogEvent event{LogLevel::Warning,
                 denied ? "client denied" : "client refused",
                 {{"ref", admitted.reference},
                  {"client", std::to_string(admitted.id.value)},
                  {"listener", admitted.listener->name},
                  {"uid", std::to_string(peer.uid)},
                  {"gid", std::to_string(peer.gid)},
                  {"pid", std::to_string(peer.pid)},
                  {"user", peer.user}}};
  if (denied) {
    event.fields.emplace_back("rule", decision.rule);
    event.fields.emplace_back("where", config::describe(decision.where));
    event.fields.emplace_back("reason", decision.reason);
  } else {
    event.fields.emplace_back("reason",
                              admitted.over_limit ? "process.max_clients is reached" : kUnaudited);
  }
  if (!decision.dry_run.empty()) {
    event.fields.emplace_back("dry_run", joined(decision.dry_run));
  }
  parts_.log.write(std::move(event));
}

}  // namespace peerpool::server
