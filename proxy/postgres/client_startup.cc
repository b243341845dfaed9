#include "proxy/postgres/client_startup.h"

#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/parameters.h"
#include "proxy/postgres/refusal.h"
#include "proxy/postgres/server_login.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

// How long a client that was turned away may take to read why.
constexpr Duration kFarewell{2000};

// A startup packet and the request for encryption before it fit into one receive.
constexpr std::size_t kWindow = std::size_t{16} * 1024;

bool asksForReplication(const wire::StartupMessage& startup) {
  const std::string_view value = startup.value("replication");
  return startup.has("replication") && value != "false" && value != "off" && value != "no" &&
         value != "0";
}

// The rule's application_name: a template of the account's name and what the client says itself.
void nameApplication(WantedParameters& wanted, std::string name, const std::string& user) {
  if (name.empty()) {
    return;
  }
  const std::size_t index = *trackedIndex("application_name");
  const std::string* own = wanted.find(index);
  const std::pair<std::string_view, std::string> variables[] = {
      {"${user}", user}, {"${application_name}", own == nullptr ? std::string() : *own}};
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
      // No answer, as PostgreSQL gives none.
      state_ = State::Closing;
      transport_.finish(host_.loop().now() + kFarewell);
      return bytes.size();
    case wire::StartupResult::Step::Failed:
      refuse(makeFatal(read.failure.sqlstate, read.failure.message));
      return bytes.size();
    case wire::StartupResult::Step::Startup:
      break;
  }
  if (transport_.pendingOutput() > 0) {
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
    refuse(makeFatal("08P01", "invalid startup: unexpected data around an encryption request"));
    return false;
  }
  transport_.queue(std::string_view(&wire::kEncryptionRefused, 1));
  return true;
}

void ClientStartup::onStartup(const wire::StartupMessage& startup, ByteView behind) {
  const std::string role(startup.value("user"));
  const std::string database(startup.value("database"));
  if (admitted_.over_limit) {
    refuse(makeFatal("53300", "too many clients already (process.max_clients)"));
    return;
  }
  if (admitted_.decision.verdict == auth::Verdict::Deny) {
    // Logged by admission, under the same reference.
    refuse(makeDenial(admitted_.reference, admitted_.decision.client_reason));
    return;
  }
  auth::Decision decision = admitted_.snapshot->policy.login(
      admitted_.identity, {admitted_.listener->name, database, role});
  if (decision.verdict != auth::Verdict::Allow) {
    deny(decision, database, role);
    return;
  }
  if (asksForReplication(startup)) {
    refuse(makeFatal("0A000", "replication connections are not allowed"));
    return;
  }
  letIn(std::move(decision), startup, behind);
}

void ClientStartup::letIn(auth::Decision decision, const wire::StartupMessage& startup,
                          ByteView behind) {
  const config::PolicyRule& rule = *decision.granted;
  StartupParameters parameters = sortStartupParameters(startup.parameters, rule.startup_parameters);
  if (!parameters.refused.empty()) {
    logClient(host_.log(), LogLevel::Warning, "client refused", admitted_,
              {{"rule", rule.name}, {"parameter", parameters.refused}});
    refuse(makeFatal("08P01", "startup parameter \"" + parameters.refused + "\" is not allowed"));
    return;
  }
  // Asked now: the server is opened later, for all clients of the pool.
  const auto packet =
      makeStartupPacket(decision.login_role, decision.database, parameters.untracked);
  if (!packet) {
    logClient(host_.log(), LogLevel::Warning, "client refused", admitted_,
              {{"rule", rule.name}, {"reason", packet.error().text}});
    refuse(makeFatal("08P01", packet.error().text));
    return;
  }
  LoggedIn next;
  next.wanted = std::move(parameters.tracked);
  next.fingerprint = next.wanted.fingerprint();
  nameApplication(next.wanted, rule.application_name, admitted_.identity.user);
  next.key.startup_parameters = std::move(parameters.untracked);
  next.key.backend = rule.backend.empty() ? admitted_.listener->backend : rule.backend;
  next.key.database = decision.database;
  next.key.login_role = decision.login_role;
  next.key.settings = rule.pool ? *rule.pool : admitted_.snapshot->config->pools;
  next.key.superuser = rule.superuser;
  next.role = startup.value("user");
  next.database = startup.value("database");
  if (const auto negotiation = wire::negotiate(startup)) {
    check(wire::appendNegotiateProtocolVersion(next.greeting, *negotiation),
          "names of options hold no zero byte");
  }
  next.decision = std::move(decision);
  // All that came behind the startup packet goes along with the descriptor.
  net::Transport::Detached detached = transport_.detach(behind);
  next.leftover = std::move(detached.leftover);
  state_ = State::Gone;
  cancel();
  next.admitted = std::move(admitted_);
  next.admitted.fd = std::move(detached.fd);
  host_.route(std::move(next));
  host_.remove(*this);
}

void ClientStartup::deny(const auth::Decision& decision, const std::string& database,
                         const std::string& role) {
  logClient(host_.log(), LogLevel::Warning, "client denied", admitted_,
            {{"database", database},
             {"role", role},
             {"rule", decision.rule},
             {"where", config::describe(decision.where)},
             {"reason", decision.reason}});
  refuse(makeDenial(admitted_.reference, decision.client_reason));
}

void ClientStartup::refuse(std::string_view fatal) {
  state_ = State::Closing;
  transport_.queue(fatal);
  transport_.finish(host_.loop().now() + kFarewell);
}

void ClientStartup::onEnd(const Error& error) {
  (void)error;
  state_ = State::Gone;
  host_.remove(*this);
}

void ClientStartup::onTimer(TimePoint now) {
  (void)now;
  if (state_ == State::Reading) {
    host_.limitHits().count(Limit::LoginTimeout);
    logClient(host_.log(), LogLevel::Warning, "client timed out", admitted_,
              {{"limit", "login_timeout"}});
    refuse(makeFatal("57P05", "login took longer than listeners." + admitted_.listener->name +
                                  ".limits.login_timeout"));
  }
}

void ClientStartup::shutDown() {
  if (state_ == State::Reading) {
    refuse(makeFatal("57P01", "peerpool is shutting down"));
  }
}

}  // namespace peerpool::postgres
