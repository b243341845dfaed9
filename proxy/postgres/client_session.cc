#include "proxy/postgres/client_session.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/client_audit.h"
#include "proxy/postgres/refusal.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/protocol.h"
#include "proxy/postgres/wire/startup.h"

namespace peerpool::postgres {
ClientSession::ClientSession(ClientHost& host, pool::Pool& pool, ServerConnector& connector,
                             LoggedIn logged_in)
    : host_(host),
      pool_(pool),
      connector_(connector),
      facts_(std::move(logged_in)),
      transport_(host.loop(), std::move(facts_.admitted.fd), *this, net::Transport::Limits{},
                 std::exchange(facts_.arrival->leftover, {})) {
  pool_.attach(host.loop().now());
}

ClientSession::~ClientSession() {
  Waiter::leave();
  link_.reset();
  if (cancel_pid_ != 0) {
    host_.removeCancelKey(cancel_pid_);
  }
  pool_.detach(host_.loop().now());
}

ServerId ClientSession::serverId() const noexcept {
  return link_ ? link_->server().id() : ServerId{};
}

void ClientSession::start() {
  watchProcess();
  transport_.queue(facts_.arrival->greeting);
  if (const std::string* statuses = connector_.findWelcome(facts_.arrival->fingerprint)) {
    sendWelcome(*statuses);
  } else {
    acquire();
  }
}

bool ClientSession::mayRead() {
  if (state_ == State::Idle && transport_.congested()) {
    return false;  // It asks on and on and does not read what it is told.
  }
  if (state_ == State::Idle && !transport_.hungUp() && !skips_copy_data_ &&
      (pool_.oldestIdle() == kNever || mustWaitForTurn())) {
    acquire();
  }
  return state_ != State::Login && state_ != State::Waiting && state_ != State::Preparing;
}

std::size_t ClientSession::onBytes(ByteView bytes) {
  switch (state_) {
    case State::Idle:
      return onIdleBytes(bytes);
    case State::Linked:
      return relayToServer(bytes);
    case State::Skipping:
      return onSkippedBytes(bytes);
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
    case ClientScanner::Stop::Named:
    case ClientScanner::Stop::Sequences:
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
  skips_copy_data_ = false;
  acquire();
  if (state_ != State::Linked) {
    return scan.length;
  }
  return scan.length + relayToServer(bytes.subspan(scan.length));
}

void ClientSession::onLease(pool::Lease lease) { prepare(std::move(lease)); }

void ClientSession::onFailure(const Error& error) {
  if (error.code == ErrorCode::TimedOut) {
    hitLimit(host_, facts_.admitted, Limit::WaitTimeout);
  }
  refuse(makeFailure(error, facts_.admitted.reference, connector_.key().backend), error.text);
}

void ClientSession::prepare(pool::Lease lease) {
  if (turn_ != nullptr) {
    lease.charge(turn_->makeCharge());
  }
  link_.emplace(std::move(lease));
  prepareServer();
}

void ClientSession::prepareServer() {
  if (server().prepare(facts_.admitted.id, facts_.admitted.identity.uid, facts_.wanted, *this)) {
    onPrepared(std::nullopt, true);
  } else if (state_ != State::Login) {
    setState(State::Preparing);
  }
}

/// Its server, which is at rest, must not show it what others have left there.
void ClientSession::prepareAnew() {
  link_->keepUnnamed(host_.statements(), statements_);
  pool::Lease lease = link_->takeLease();
  link_.reset();
  auto& unclean = static_cast<ServerSession&>(lease.server());
  unclean.unlink();
  unclean.setLastClient(ClientId());
  unclean.remains().touch();
  prepare(std::move(lease));
}

void ClientSession::onPrepared(const std::optional<Error>& error, bool usable) {
  if (!usable) {
    const bool stale = !link_->pinned() && server().hasServed() && error->system_error != ETIMEDOUT;
    link_.reset();
    if (!stale) {
      // A new server would fail as well, or hang as long, and so on for ever.
      refuse(makeFailure(*error, facts_.admitted.reference, connector_.key().backend), error->text);
    } else {
      acquire();
    }
    return;
  }
  if (error) {
    refuse(makeFailure(*error, facts_.admitted.reference, connector_.key().backend), error->text);
    return;
  }
  if (!mayUseServer()) {
    return;  // It became one while it was idle or reset.
  }
  // The server's spelling ("UTF8" for "utf-8"), so that the next server is compared with that.
  for (std::size_t index = 0; index < kTrackedParameters.size(); ++index) {
    const std::string* reported = server().parameters().findTracked(index);
    if (facts_.wanted.find(index) != nullptr && reported != nullptr) {
      facts_.wanted.set(index, *reported);
    }
  }
  if (state_ == State::Login) {
    welcome();
  } else if (std::exchange(cancel_pending_, false) && !link_->pinned()) {
    pool::Lease lease = link_->takeLease();
    link_.reset();
    skipRequest();
    lease.giveBack(host_.loop().now());
  } else {
    link();
  }
}

void ClientSession::welcome() {
  sendWelcome(connector_.rememberWelcome(facts_.arrival->fingerprint, server().parameters()));
  pool::Lease lease = link_->takeLease();
  link_.reset();
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
  const CancelKey key =
      host_.addCancelKey(facts_.admitted.id, wire::cancelKeyLength(facts_.arrival->protocol));
  cancel_pid_ = key.pid;
  wire::appendBackendKeyData(out, key.pid, asBytes(key.key));
  wire::appendReadyForQuery(out, wire::TransactionStatus::Idle);
  transport_.queue(out);
  facts_.arrival.reset();
  startTimer(host_.loop().now());
  setState(State::Idle);
  transport_.resumeReading();
}

void ClientSession::startTimer(TimePoint login) {
  const config::RuleLimits& limits = facts_.rule->limits;
  if (SessionLimits::any(limits)) {
    TimedSession& session = *this;
    timer_ = std::make_unique<SessionTimer>(host_.loop().timers(), session, limits, login);
  }
}

void ClientSession::setState(State state) {
  state_ = state;
  if (state == State::Idle) {
    idle_since_ = host_.loop().now();
    forgetCancel();
  }
  waited_ = waited_ || state == State::Waiting || state == State::Preparing;
  noticeWait();
  tellTimer();
}

void ClientSession::tellTimer() {
  if (timer_ == nullptr) {
    return;
  }
  if (state_ == State::Waiting || state_ == State::Preparing) {
    timer_->onWaiting();
  } else if (state_ == State::Idle || state_ == State::Skipping) {
    timer_->onNothingToDo();
  }
}

void ClientSession::link() {
  link_->begin(*this, pool_.settings(), connector_.pins());
  setState(State::Linked);
  if (timer_ != nullptr && link_->pinned()) {
    timer_->onReady('I', false, host_.loop().now());  // It may have nothing to ask.
  }
  transport_.resumeReading();
}

std::size_t ClientSession::relayToServer(ByteView bytes) {
  const ServerLink::Passed passed = link_->fromClient(bytes, scanner_, transport_, facts_.wanted,
                                                      host_.statements(), statements_);
  if (timer_ != nullptr && !server().tracker().idle()) {
    timer_->onRequest(host_.loop().now());
  }
  switch (passed.event) {
    case ServerLink::Event::Terminate:
      leave("terminated");
      return bytes.size();
    case ServerLink::Event::ClientViolation:
      refuse(makeFatal("08P01", "invalid frontend message"), "protocol violation");
      return bytes.size();
    case ServerLink::Event::Foreign:
      prepareAnew();
      return passed.length;
    case ServerLink::Event::None:
    case ServerLink::Event::Ready:
    case ServerLink::Event::ServerViolation:
    case ServerLink::Event::Superuser:
      break;
  }
  // Half a message needs no server yet, the rest of a COPY that failed none any more.
  const bool rests = server().atRest() && scanner_.atBoundary();
  if (rests && !endIfLeaving() && link_->releasable()) {
    releaseServer();
  }
  return passed.length;
}

std::size_t ClientSession::onServerBytes(ByteView bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    const ServerLink::Passed passed =
        link_->fromServer(bytes.subspan(total), transport_, facts_.wanted, statements_);
    total += passed.length;
    if (passed.event == ServerLink::Event::None) {
      break;
    }
    if (!onServerEvent(passed.event)) {
      return total;
    }
  }
  if (transport_.congested()) {
    server().transport().pauseReading();
  }
  return total;
}

/// False: its role is a superuser, the rule does not permit that, and there is no link any more.
bool ClientSession::mayUseServer() {
  if (connector_.key().superuser || !server().parameters().superuser()) {
    return true;
  }
  link_.reset();
  refuse(makeDenial(facts_.admitted.reference, {}),
         "server became a superuser, and the rule does not say superuser: true");
  return false;
}

/// False: there is no link any more.
bool ClientSession::onServerEvent(ServerLink::Event event) {
  if (event == ServerLink::Event::Ready) {
    return onReady();
  }
  if (event == ServerLink::Event::Superuser) {
    return mayUseServer();
  }
  link_.reset();
  refuse(makeFailure({ErrorCode::Closed, {}}, facts_.admitted.reference, {}),
         "server broke the protocol");
  return false;
}

bool ClientSession::onReady() {
  const char status = server().transactionStatus();
  forgetCancel();
  if (timer_ != nullptr) {
    timer_->onReady(status, !server().tracker().idle(), host_.loop().now());
  }
  if (link_->changedState()) {
    refuse(makeFatal("0A000", "session state must not be changed (pools.session_state: refuse)"),
           "changed session state");
    return false;
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
  if (link_->releasable()) {
    releaseServer();
    return false;
  }
  if (link_->mustPrepare()) {
    prepareLinked();
    return false;
  }
  return true;
}

/// A server that it keeps is no longer as it wants it.
void ClientSession::prepareLinked() {
  link_->keepUnnamed(host_.statements(), statements_);
  server().unlink();
  prepareServer();
}

void ClientSession::releaseServer() {
  skips_copy_data_ = server().tracker().copyCutShort();
  link_->keepUnnamed(host_.statements(), statements_);
  pool::Lease lease = link_->takeLease();
  link_.reset();
  setState(State::Idle);
  transport_.resumeReading();
  auto& released = static_cast<ServerSession&>(lease.server());
  if (released.cancelling()) {
    host_.recover(std::move(lease));  // The cancel could hit the next client.
    return;
  }
  released.unlink();
  released.transport().resumeReading();
  lease.giveBack(host_.loop().now());
}

void ClientSession::onServerLost(const Error& error) {
  const bool silent = link_->serverSpokeLastError() || link_->inAnswer();
  link_.reset();
  // The server's own last words, if it had some, have been passed on.
  refuse(
      silent ? std::string() : makeFailure({ErrorCode::Closed, {}}, facts_.admitted.reference, {}),
      "server lost: " + error.text);
}

void ClientSession::onServerDrained() { transport_.resumeReading(); }

void ClientSession::onDrained() {
  if (state_ == State::Linked) {
    server().transport().resumeReading();
  } else if (state_ == State::Idle) {
    transport_.resumeReading();
  }
}

}  // namespace peerpool::postgres
