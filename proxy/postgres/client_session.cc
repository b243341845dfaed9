#include "proxy/postgres/client_session.h"

#include <algorithm>
#include <utility>

#include "auth/crypto.h"
#include "proxy/base/check.h"
#include "proxy/postgres/client_audit.h"
#include "proxy/postgres/refusal.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

// How long a client may take to read its last message.
constexpr Duration kFarewell{2000};

constexpr std::size_t kKeyLength = 4;  // Of a cancel key in protocol 3.0.

}  // namespace

ClientSession::ClientSession(ClientHost& host, pool::Pool& pool, ServerConnector& connector,
                             LoggedIn logged_in)
    : host_(host),
      pool_(pool),
      connector_(connector),
      facts_(std::move(logged_in)),
      transport_(host.loop(), std::move(facts_.admitted.fd), *this, net::Transport::Limits{},
                 std::exchange(facts_.leftover, {})) {
  pool_.attach(host.loop().now());
}

ClientSession::~ClientSession() {
  Waiter::leave();
  lease_.reset();
  pool_.detach(host_.loop().now());
}

ServerId ClientSession::serverId() const noexcept {
  return lease_ ? lease_->server().id() : ServerId{};
}

void ClientSession::start() {
  transport_.queue(std::exchange(facts_.greeting, {}));
  if (const std::string* statuses = connector_.findWelcome(facts_.fingerprint)) {
    sendWelcome(*statuses);
  } else {
    acquire();
  }
}

bool ClientSession::mayRead() {
  if (state_ == State::Idle && !transport_.hungUp() && pool_.oldestIdle() == kNever) {
    acquire();
  }
  return state_ == State::Idle || state_ == State::Linked || state_ == State::Closing ||
         state_ == State::Gone;
}

std::size_t ClientSession::onBytes(ByteView bytes) {
  switch (state_) {
    case State::Idle:
      return onIdleBytes(bytes);
    case State::Linked:
      return relayToServer(bytes);
    case State::Login:
    case State::Waiting:
    case State::Preparing:
      return 0;
    case State::Closing:
    case State::Gone:
      return bytes.size();
  }
  checkFailed("unknown ClientSession::State");
}

std::size_t ClientSession::onIdleBytes(ByteView bytes) {
  const ClientScanner::Scan scan = scanner_.skipIdle(bytes);
  switch (scan.stop) {
    case ClientScanner::Stop::None:
    case ClientScanner::Stop::Full:
      return scan.length;
    case ClientScanner::Stop::Terminate:
      leave("terminated");
      return bytes.size();
    case ClientScanner::Stop::Violation:
      refuse(makeFatal("08P01", "invalid frontend message"), "protocol violation");
      return bytes.size();
    case ClientScanner::Stop::Request:
      break;
  }
  acquire();
  if (state_ != State::Linked) {
    return scan.length;
  }
  return scan.length + relayToServer(bytes.subspan(scan.length));
}

void ClientSession::acquire() {
  std::optional<pool::Lease> lease = pool_.acquire(*this, facts_.admitted.id, host_.loop().now());
  if (lease) {
    prepare(std::move(*lease));
  } else if (state_ != State::Login) {
    setState(State::Waiting);
  }
}

void ClientSession::onLease(pool::Lease lease) { prepare(std::move(lease)); }

void ClientSession::onFailure(const Error& error) {
  if (error.code == ErrorCode::TimedOut) {
    hitLimit(host_, facts_.admitted, Limit::WaitTimeout);
  }
  refuse(makeFailure(error, facts_.admitted.reference), error.text);
}

void ClientSession::prepare(pool::Lease lease) {
  lease_.emplace(std::move(lease));
  if (server().prepare(facts_.admitted.id, facts_.wanted, *this)) {
    onPrepared(std::nullopt, true);
  } else if (state_ != State::Login) {
    setState(State::Preparing);
  }
}

void ClientSession::onPrepared(const std::optional<Error>& error, bool usable) {
  if (!usable) {
    lease_.reset();
    acquire();
    return;
  }
  if (error) {
    refuse(makeFailure(*error, facts_.admitted.reference), error->text);
    return;
  }
  // The server's spelling ("UTF8" for "utf-8"), so that the next server is compared with that.
  for (std::size_t index = 0; index < kTrackedParameters.size(); ++index) {
    const std::string* reported = server().parameters().find(kTrackedParameters[index]);
    if (facts_.wanted.find(index) != nullptr && reported != nullptr) {
      facts_.wanted.set(index, *reported);
    }
  }
  if (state_ == State::Login) {
    welcome();
  } else {
    link();
  }
}

void ClientSession::welcome() {
  sendWelcome(connector_.rememberWelcome(facts_.fingerprint, server()));
  pool::Lease lease = std::move(*lease_);
  lease_.reset();
  lease.giveBack(host_.loop().now());
}

void ClientSession::sendWelcome(const std::string& statuses) {
  const std::string* name = facts_.wanted.find(*trackedIndex("application_name"));
  std::string out;
  wire::appendAuthenticationOk(out);
  out += statuses;
  check(wire::appendParameterStatus(out, "application_name",
                                    name == nullptr ? std::string_view() : *name),
        "a cleaned application_name holds no zero byte");
  const std::string key = auth::randomBytes(kKeyLength);
  wire::appendBackendKeyData(out, static_cast<std::uint32_t>(facts_.admitted.id.value & 0x7fffffff),
                             asBytes(key));
  wire::appendReadyForQuery(out, wire::TransactionStatus::Idle);
  transport_.queue(out);
  setState(State::Idle);
  transport_.resumeReading();
}

void ClientSession::link() {
  server().link(*this);
  setState(State::Linked);
  pinned_ = pool_.settings().mode == config::PoolMode::Session;
  server_spoke_last_error_ = false;
  transport_.resumeReading();
}

std::size_t ClientSession::relayToServer(ByteView bytes) {
  net::Transport& to_server = server().transport();
  const ClientScanner::Scan scan = scanner_.scan(bytes, server().tracker());
  if (scan.length > 0) {
    to_server.queue(bytes.first(scan.length));
  }
  pinned_ = pinned_ || scan.pins;
  if (to_server.congested()) {
    transport_.pauseReading();
  }
  switch (scan.stop) {
    case ClientScanner::Stop::None:
    case ClientScanner::Stop::Request:
      return scan.length;
    case ClientScanner::Stop::Full:
      transport_.pauseReading();
      throttled_ = true;
      return scan.length;
    case ClientScanner::Stop::Terminate:
      leave("terminated");
      return bytes.size();
    case ClientScanner::Stop::Violation:
      refuse(makeFatal("08P01", "invalid frontend message"), "protocol violation");
      return bytes.size();
  }
  checkFailed("unknown ClientScanner::Stop");
}

std::size_t ClientSession::onServerBytes(ByteView bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    const ByteView rest = bytes.subspan(total);
    const ServerScanner::Scan scan = server().scanner().scan(rest, server().tracker());
    total += scan.length;
    if (scan.length > 0) {
      transport_.queue(rest.first(scan.length));
      pinned_ = pinned_ || scan.pins;
      server_spoke_last_error_ = scan.error;
    }
    if (scan.event == ServerScanner::Event::None) {
      break;
    }
    if (!onServerEvent(scan)) {
      return total;
    }
  }
  if (transport_.congested()) {
    server().transport().pauseReading();
  }
  return total;
}

bool ClientSession::onServerEvent(const ServerScanner::Scan& scan) {
  if (scan.event == ServerScanner::Event::ReadyForQuery) {
    return onReadyForQuery(scan.status);
  }
  if (scan.event == ServerScanner::Event::Violation ||
      !server().parameters().report(scan.name, scan.value)) {
    lease_.reset();
    refuse(makeFailure({ErrorCode::Closed, {}}, facts_.admitted.reference),
           "server broke the protocol");
    return false;
  }
  if (const auto index = trackedIndex(scan.name)) {
    facts_.wanted.set(*index, std::string(scan.value));
  }
  if (server().parameters().superuser() && !connector_.key().superuser) {
    lease_.reset();
    refuse(makeDenial(facts_.admitted.reference, {}),
           "server became a superuser, and the rule does not say superuser: true");
    return false;
  }
  return true;
}

bool ClientSession::onReadyForQuery(char status) {
  server().setTransactionStatus(status);
  if (std::exchange(throttled_, false)) {
    transport_.resumeReading();
  }
  if (!server().atRest() && status == 'I') {
    return true;  // More requests are unanswered.
  }
  if (pool_.settings().mode == config::PoolMode::Statement && status != 'I') {
    refuse(makeFatal("0A000", "transaction blocks are not allowed in statement pooling mode"),
           "transaction block in statement pooling mode");
    return false;
  }
  if (status != 'I' || !scanner_.atBoundary()) {
    return true;
  }
  if (endIfLeaving()) {
    return false;
  }
  if (!pinned_) {
    releaseServer();
    return false;
  }
  return true;
}

void ClientSession::releaseServer() {
  server().unlink();
  server().transport().resumeReading();
  pool::Lease lease = std::move(*lease_);
  lease_.reset();
  setState(State::Idle);
  transport_.resumeReading();
  lease.giveBack(host_.loop().now());
}

void ClientSession::leaveServer() {
  Waiter::leave();
  if (lease_) {
    const bool preparing = server().state() == ServerSession::State::Preparing;
    const bool clean = preparing || (server().atRest() && scanner_.atBoundary());
    pool::Lease lease = std::move(*lease_);
    lease_.reset();
    if (clean) {
      host_.clean(std::move(lease));
    }
    // Otherwise it dies here: in the middle of something its state is anybody's guess.
  }
  // Idle servers that no other client has used since may still hold its locks and LISTENs.
  while (auto used = pool_.takeUsedBy(facts_.admitted.id, host_.loop().now())) {
    host_.clean(std::move(*used));
  }
}

void ClientSession::onServerLost(const Error& error) {
  lease_.reset();
  // The server's own last words, if it had some, have been passed on.
  refuse(server_spoke_last_error_ ? std::string()
                                  : makeFailure({ErrorCode::Closed, {}}, facts_.admitted.reference),
         "server lost: " + error.text);
}

void ClientSession::onServerDrained() { transport_.resumeReading(); }

void ClientSession::onDrained() {
  if (state_ == State::Linked) {
    server().transport().resumeReading();
  }
}

void ClientSession::onEnd(const Error& error) {
  if (state_ == State::Closing) {
    setState(State::Gone);
    host_.remove(*this);
  } else if (state_ != State::Gone) {
    leave(error.code == ErrorCode::Closed ? "went away" : error.text);
  }
}

void ClientSession::refuse(std::string_view fatal, std::string_view reason) {
  leaveServer();
  logClosed(LogLevel::Warning, reason);
  setState(State::Closing);
  transport_.queue(fatal);
  transport_.finish(host_.loop().now() + kFarewell);
}

void ClientSession::leave(std::string_view reason) {
  leaveServer();
  logClosed(LogLevel::Info, reason);
  setState(State::Gone);
  host_.remove(*this);
}

void ClientSession::shutDown() {
  if (state_ != State::Closing && state_ != State::Gone) {
    refuse(makeFatal("57P01", "peerpool is shutting down"), "shutdown");
  }
}

void ClientSession::endAtRest(std::string fatal, std::string reason, TimePoint deadline) {
  if (state_ == State::Closing || state_ == State::Gone) {
    return;
  }
  if (leaving_ == nullptr) {
    leaving_ = std::make_unique<Leaving>(host_.loop().timers(),
                                         [this](std::string_view last_words, std::string_view why) {
                                           if (state_ != State::Closing && state_ != State::Gone) {
                                             refuse(last_words, why);
                                           }
                                         });
  }
  leaving_->promise(std::move(fatal), std::move(reason), deadline);
  const bool at_rest = state_ == State::Linked && server().atRest() && scanner_.atBoundary();
  if (at_rest || state_ == State::Idle || state_ == State::Login) {
    leaving_->carryOut();
  }
}

/// At a sync point outside of a transaction.
bool ClientSession::endIfLeaving() {
  if (leaving_ == nullptr) {
    return false;
  }
  leaving_->carryOut();
  return true;
}

void ClientSession::logClosed(LogLevel level, std::string_view reason) {
  const auto age =
      std::chrono::duration_cast<Duration>(host_.loop().now() - facts_.admitted.accepted_at);
  logClient(host_.log(), level, "client closed", facts_.admitted,
            {{"reason", std::string(reason)}, {"age_ms", std::to_string(age.count())}});
  auditEnd(host_, facts_, reason);
}

}  // namespace peerpool::postgres
