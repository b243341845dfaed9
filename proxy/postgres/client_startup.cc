#include "proxy/postgres/client_startup.h"

#include <utility>

#include "auth/process_facts.h"
#include "auth/quoted.h"
#include "proxy/base/check.h"
#include "proxy/postgres/client_audit.h"
#include "proxy/postgres/isolation.h"
#include "proxy/postgres/parameters.h"
#include "proxy/postgres/refusal.h"
#include "proxy/postgres/server_login.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

// How long a client that was turned away may take to read why.
constexpr Duration kFarewell{2000};

// How long a client may take for its startup packet when the service stops.
constexpr Duration kDrainPatience{1000};

// A startup packet and the request for encryption before it fit into one receive.
constexpr std::size_t kWindow = std::size_t{16} * 1024;

bool asksForReplication(const wire::StartupMessage& startup) {
  const std::string_view value = startup.value("replication");
  return startup.has("replication") && value != "false" && value != "off" && value != "no" &&
         value != "0";
}

// The rule's application_name: a template of who the client is and what it says itself.
void nameApplication(WantedParameters& wanted, std::string name, const auth::Identity& client,
                     const std::string& identity) {
  if (name.empty()) {
    return;
  }
  const std::size_t index = *trackedIndex("application_name");
  const std::string* own = wanted.find(index);
  const std::pair<std::string_view, std::string> variables[] = {
      {"${user}", client.user},
      {"${identity}", identity},
      {"${unit_instance}", std::string(auth::unitInstance(client))},
      {"${application_name}", own == nullptr ? std::string() : *own}};
  std::string result;
  while (!name.empty()) {
    std::size_t taken = 0;
    for (const auto& [variable, value] : variables) {
      if (name.compare(0, variable.size(), variable) == 0) {
        result += value;
        taken = variable.size();
      }
    }
    if (taken == 0) {
      result += name.front();
      taken = 1;
    }
    name.erase(0, taken);
  }
  wanted.set(index, cleanApplicationName(result));
}

// Why a client with these parameters can't be let in by `decision`; empty when it can.
std::string whatIsWrong(const StartupParameters& parameters, const auth::Decision& decision) {
  if (!parameters.refused.empty()) {
    return "startup parameter \"" + parameters.refused + "\" is not allowed";
  }
  if (!parameters.too_long.empty()) {
    return "startup parameter \"" + parameters.too_long + "\" is longer than " +
           std::to_string(kMaxParameterLength) + " bytes";
  }
  // Asked now: the server is opened later, for all clients of the pool.
  const auto packet =
      makeStartupPacket(decision.login_role, decision.database, parameters.untracked);
  return packet ? std::string() : packet.error().text;
}

}  // namespace

ClientStartup::ClientStartup(ClientHost& host, auth::Admitted admitted)
    : event::Timer(host.loop().timers()),
      host_(host),
      admitted_(std::move(admitted)),
      transport_(host.loop(), std::move(admitted_.fd), *this,
                 net::Transport::Limits{kWindow, kWindow, kWindow, 1}) {
  set(admitted_.accepted_at + admitted_.listener->limits.login_timeout);
}

std::size_t ClientStartup::onBytes(ByteView bytes) {
  if (state_ != State::Reading) {
    return bytes.size();
  }
  const wire::StartupResult read = wire::readStartup(bytes);
  switch (read.step) {
    case wire::StartupResult::Step::NeedMore:
      return 0;
    case wire::StartupResult::Step::SslRequest:
      return answerEncryption(ssl_asked_, read, bytes) ? read.consumed : bytes.size();
    case wire::StartupResult::Step::GssEncRequest:
      return answerEncryption(gss_asked_, read, bytes) ? read.consumed : bytes.size();
    case wire::StartupResult::Step::CancelRequest:
      onCancelRequest(read.cancel);
      return bytes.size();
    case wire::StartupResult::Step::Failed:
      auditEnd(host_, admitted_, "invalid startup");
      refuse(makeFatal(read.failure.sqlstate, read.failure.message));
      return bytes.size();
    case wire::StartupResult::Step::Startup:
      break;
  }
  if (transport_.pendingOutput() > 0) {
    auditEnd(host_, admitted_, "invalid startup");
    refuse(makeFatal("08P01", "invalid startup: the answer to an encryption request is still due"));
    return bytes.size();
  }
  onStartup(read.startup, bytes.subspan(read.consumed));
  return bytes.size();
}

bool ClientStartup::answerEncryption(bool& asked, const wire::StartupResult& read, ByteView input) {
  // Once each, and nothing may have been sent behind it: bytes from before an answer must never be
  // taken for ones from after it (CVE-2021-3935 class).
  if (std::exchange(asked, true) || input.size() != read.consumed) {
    auditEnd(host_, admitted_, "invalid startup");
    refuse(makeFatal("08P01", "invalid startup: unexpected data around an encryption request"));
    return false;
  }
  transport_.queue(std::string_view(&wire::kEncryptionRefused, 1));
  return true;
}

/// Limits of connections are not for it; who may not connect may not cancel either.
void ClientStartup::onCancelRequest(const wire::CancelRequest& request) {
  auditEnd(host_, admitted_, "cancel request");
  if (admitted_.decision->verdict == auth::Verdict::Deny || admitted_.unaudited) {
    endCancel();
    return;
  }
  state_ = State::Cancelling;
  host_.cancel(*this, request);
}

void ClientStartup::endCancel() {
  state_ = State::Closing;
  transport_.finish(host_.loop().now() + kFarewell);
}

void ClientStartup::onStartup(const wire::StartupMessage& startup, ByteView behind) {
  const std::string role(startup.value("user"));
  const std::string database(startup.value("database"));
  if (host_.draining()) {
    auditEnd(host_, admitted_, "shutdown");
    refuse(makeShutdownBeforeLogin());
    return;
  }
  if (admitted_.over_limit) {
    refuse(makeFatal("53300", describe(*admitted_.over_limit)));  // Logged by admission.
    return;
  }
  if (admitted_.decision->verdict == auth::Verdict::Deny) {
    // Logged by admission, under the same reference.
    refuse(makeDenial(admitted_.reference, admitted_.decision->client_reason));
    return;
  }
  if (admitted_.unaudited) {
    refuse(makeUnaudited(admitted_.reference));
    return;
  }
  auth::Decision decision;
  if (listener_gone_) {
    decision.rule = "default";
    decision.reason = "a reload took the listener away";
  } else {
    decision = admitted_.snapshot->policy.login(
        admitted_.identity, {admitted_.listener->name, database, role, host_.wallTime()});
  }
  if (decision.verdict != auth::Verdict::Allow) {
    deny(decision, database, role);
    return;
  }
  if (asksForReplication(startup)) {
    decision.reason = "replication connections are not allowed";
    auditDenial(host_, admitted_, decision, database, role);
    refuse(makeFatal("0A000", "replication connections are not allowed"));
    return;
  }
  letIn(std::move(decision), startup, behind);
}

void ClientStartup::letIn(auth::Decision decision, const wire::StartupMessage& startup,
                          ByteView behind) {
  const config::PolicyRule& rule = *decision.granted;
  StartupParameters parameters = sortStartupParameters(startup.parameters, rule.startup_parameters);
  if (const std::string wrong = whatIsWrong(parameters, decision); !wrong.empty()) {
    logTurnedAway(host_, "client refused", admitted_, "rule", rule.name, {{"reason", wrong}});
    decision.reason = wrong;
    auditDenial(host_, admitted_, decision, std::string(startup.value("database")),
                std::string(startup.value("user")));
    refuse(makeFatal("08P01", wrong));
    return;
  }
  if (!rule.bind_to_process) {
    admitted_.process.reset();
  } else if (!admitted_.process) {
    auth::Decision denial = std::move(decision);
    denial.verdict = auth::Verdict::Deny;
    denial.reason = "rule " + auth::quoted(rule.name) +
                    " binds sessions to their process, and the kernel gives no pidfd of this one";
    return deny(denial, std::string(startup.value("database")), std::string(startup.value("user")));
  }
  LoggedIn next;
  if (!takeRulePlace(rule, next)) {
    return;
  }
  next.arrival = std::make_unique<Arrival>();
  Arrival& arrival = *next.arrival;
  next.wanted = std::move(parameters.tracked);
  arrival.fingerprint = next.wanted.fingerprint();
  nameApplication(next.wanted, rule.application_name, admitted_.identity, decision.identity);
  arrival.key.startup_parameters = std::move(parameters.untracked);
  arrival.key.backend = rule.backend.empty() ? admitted_.listener->backend : rule.backend;
  arrival.key.database = decision.database;
  arrival.key.login_role = decision.login_role;
  arrival.key.settings = rule.pool ? *rule.pool : admitted_.snapshot->config->pools;
  arrival.key.superuser = rule.superuser;
  arrival.key.isolation =
      isolationOf(arrival.key.settings.isolate, decision, admitted_.identity.uid);
  next.rule = &rule;
  next.role = startup.value("user");
  next.database = startup.value("database");
  arrival.protocol = wire::spokenVersion(startup);
  if (const auto negotiation = wire::negotiate(startup)) {
    check(wire::appendNegotiateProtocolVersion(arrival.greeting, *negotiation),
          "names of options hold no zero byte");
  }
  if (!auditLogin(host_, admitted_, decision, next)) {
    logClient(host_.log(), LogLevel::Warning, "client refused", admitted_,
              {{"reason", "the audit log cannot be written"}});
    refuse(makeUnaudited(admitted_.reference));
    return;
  }
  if (!decision.would_deny.empty()) {
    auditWouldDeny(host_, admitted_, decision, next);
  }
  // All that came behind the startup packet goes along with the descriptor.
  net::Transport::Detached detached = transport_.detach(behind);
  arrival.leftover = std::move(detached.leftover);
  state_ = State::Gone;
  cancel();
  next.admitted = std::move(admitted_);
  next.admitted.decision.reset();
  next.admitted.fd = std::move(detached.fd);
  host_.route(std::move(next));
  host_.remove(*this);
}

void ClientStartup::deny(const auth::Decision& decision, const std::string& database,
                         const std::string& role) {
  logTurnedAway(host_, "client denied", admitted_, "rule", decision.rule,
                {{"database", database},
                 {"role", role},
                 {"where", config::describe(decision.where)},
                 {"reason", decision.reason}});
  auditDenial(host_, admitted_, decision, database, role);
  refuse(makeDenial(admitted_.reference, decision.client_reason));
}

/// False: the rule has as many clients as it may; this one was told so.
bool ClientStartup::takeRulePlace(const config::PolicyRule& rule, LoggedIn& next) {
  const config::RuleLimits& limits = rule.limits;
  auth::PlaceCounts::Answer answer = host_.limits().rules.take(
      rule.name, admitted_.identity.uid, {limits.clients, limits.clients_per_uid});
  if (answer.reached == auth::PlaceCounts::Reached::PerUid) {
    refuseBecause({Limit::RuleClientsPerUid,
                   auth::ruleSetting(rule.name, "clients_per_uid", *limits.clients_per_uid)});
  } else if (answer.reached) {
    refuseBecause({Limit::RuleClients, auth::ruleSetting(rule.name, "clients", *limits.clients)});
  }
  next.rule_place = std::move(answer.place);
  return !answer.reached;
}

void ClientStartup::refuseBecause(const auth::LimitReached& limit) {
  hitLimit(host_, admitted_, limit.limit);
  auditEnd(host_, admitted_, limit.setting);
  logTurnedAway(host_, "client refused", admitted_, "limit", limit.setting);
  refuse(makeFatal("53300", describe(limit)));
}

bool ClientStartup::mayGo() const noexcept {
  return state_ == State::Reading && admitted_.places.process;
}

auth::ClientPlaces ClientStartup::giveUpPlace(const auth::LimitReached& limit) {
  check(mayGo(), "a client gives up its place that it has");
  auth::ClientPlaces places = std::move(admitted_.places);
  hitLimit(host_, admitted_, limit.limit);
  auditEnd(host_, admitted_, std::string(limit.setting).append(": ").append(auth::kPlaceGiven));
  logTurnedAway(host_, "client refused", admitted_, "limit", limit.setting,
                {{"reason", std::string(auth::kPlaceGiven)}});
  refuse(makeFatal("53300", describePlaceGiven(limit)));
  return places;
}

void ClientStartup::refuse(std::string_view fatal) {
  state_ = State::Closing;  // Its places go back with its descriptor.
  transport_.queue(fatal);
  transport_.finish(host_.loop().now() + kFarewell);
}

void ClientStartup::onEnd(const Error& error) {
  (void)error;
  if (state_ == State::Reading) {
    auditEnd(host_, admitted_, "went away before login");
  }
  state_ = State::Gone;
  host_.remove(*this);
}

void ClientStartup::onTimer(TimePoint now) {
  (void)now;
  if (state_ != State::Reading) {
    return;
  }
  if (host_.draining()) {
    auditEnd(host_, admitted_, "shutdown");
    refuse(makeShutdownBeforeLogin());
    return;
  }
  hitLimit(host_, admitted_, Limit::LoginTimeout);
  auditEnd(host_, admitted_, "login_timeout");
  logTurnedAway(host_, "client timed out", admitted_, "limit", "login_timeout");
  refuse(makeFatal("57P05", "login took longer than listeners." + admitted_.listener->name +
                                ".limits.login_timeout"));
}

void ClientStartup::shutDown() {
  if (state_ == State::Reading) {
    auditEnd(host_, admitted_, "shutdown");
    refuse(makeShutdownBeforeLogin());
  }
}

void ClientStartup::drain() {
  const TimePoint patience = host_.loop().now() + kDrainPatience;
  if (state_ == State::Reading && patience < deadline()) {
    set(patience);
  }
}

void ClientStartup::adopt(const std::shared_ptr<const auth::Snapshot>& snapshot) {
  if (state_ != State::Reading || admitted_.snapshot == snapshot) {
    return;
  }
  const config::Listener* listener =
      config::findListener(*snapshot->config, admitted_.listener->name);
  listener_gone_ = listener == nullptr;
  if (!listener_gone_) {
    admitted_.snapshot = snapshot;
    admitted_.listener = listener;
  }
}

}  // namespace peerpool::postgres
