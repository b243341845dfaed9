#include "proxy/postgres/server_session.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/net/connector.h"
#include "proxy/postgres/whole_message.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/messages.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

// A full backlog sends no event when it has room again (unix(7), connect(2): EAGAIN).
constexpr Duration kConnectRetry{10};

// How long a backend may take to end by itself after Terminate.
constexpr Duration kTerminatePatience{100};

std::string query(std::string_view sql) {
  std::string out;
  check(wire::appendQuery(out, sql), "values of startup parameters hold no zero byte");
  return out;
}

}  // namespace

ServerSession::ServerSession(ServerId id, event::EventLoop& loop, KeyDeriver& keys,
                             ServerOwner& owner, const Target& target)
    : pool::Server(id, loop.now()),
      event::Timer(loop.timers()),
      loop_(loop),
      keys_(keys),
      owner_(owner),
      target_(std::make_unique<Target>(target)),
      login_(std::make_unique<ServerLogin>(target.login)),
      self_(std::make_shared<ServerSession*>(this)) {}

ServerSession::~ServerSession() {
  if (self_ != nullptr) {
    *self_ = nullptr;
  }
}

void ServerSession::open(TimePoint now) {
  connect_deadline_ = now + target_->connect_timeout;
  set(now);  // The first attempt comes from the timer: no answer from inside this call.
}

void ServerSession::onTimer(TimePoint now) {
  switch (state_) {
    case State::Connecting:
      if (now >= connect_deadline_) {
        failLogin({ErrorCode::Unreachable, "backend's backlog is full for connect_timeout"});
      } else {
        tryConnect(now);
      }
      return;
    case State::Login:
      failLogin({ErrorCode::Unreachable, "login took longer than connect_timeout"});
      return;
    case State::Closing:
      if (now < closing_deadline_) {
        // Terminate was not understood (in the middle of a message) or not read yet.
        transport_->endOutput();
        set(closing_deadline_);
      } else {
        closed();
      }
      return;
    case State::Idle:
    case State::Preparing:
    case State::Linked:
    case State::Lost:
      return;
  }
}

void ServerSession::tryConnect(TimePoint now) {
  net::ConnectResult attempt = net::connectUnix(target_->socket_path);
  if (attempt.outcome == net::ConnectOutcome::Busy) {
    set(now + kConnectRetry);
    return;
  }
  if (attempt.outcome == net::ConnectOutcome::Failed) {
    failLogin({ErrorCode::Unreachable, "connect " + target_->socket_path + ": " +
                                           std::generic_category().message(attempt.error)});
    return;
  }
  // Before a byte is sent: an impostor learns nothing, not even the role.
  if (const auto mismatch = owner_.unexpectedPeer(attempt.socket.get())) {
    failLogin({ErrorCode::Impostor, *mismatch});
    return;
  }
  const Result<std::string> packet = login_->startupPacket();
  if (!packet) {
    failLogin(packet.error());
    return;
  }
  try {
    net::TransportHandler& handler = *this;
    transport_.emplace(loop_, std::move(attempt.socket), handler, net::Transport::Limits{});
  } catch (const std::system_error& failure) {
    failLogin({ErrorCode::System, failure.what()});
    return;
  }
  state_ = State::Login;
  set(connect_deadline_);
  transport_->queue(*packet);
}

std::size_t ServerSession::onBytes(ByteView bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    const State before = state_;
    const std::size_t taken = dispatch(bytes.subspan(total));
    total += taken;
    if (taken == 0 && state_ == before) {
      break;
    }
  }
  return total;
}

std::size_t ServerSession::dispatch(ByteView bytes) {
  if (state_ == State::Linked) {
    return user_->onServerBytes(bytes);
  }
  if (state_ == State::Closing || state_ == State::Lost) {
    return bytes.size();
  }
  const WholeMessage message = readWhole(bytes, kMaxInspectedLength);
  if (message.step == WholeMessage::Step::NeedMore) {
    return 0;
  }
  if (message.step == WholeMessage::Step::Violation) {
    lose({ErrorCode::Protocol, "backend sent a message of impossible length"});
    return bytes.size();
  }
  if (state_ == State::Login) {
    onLoginMessage(message.type, message.body);
  } else if (state_ == State::Preparing) {
    onPreparingMessage(message.type, message.body);
  } else {
    onIdleMessage(message.type, message.body);
  }
  return message.length;
}

void ServerSession::onLoginMessage(char type, ByteView body) {
  std::string out;
  const ServerLogin::Step step = login_->onMessage(type, body, out);
  onLoginStep(step, out);
}

void ServerSession::onLoginStep(ServerLogin::Step step, const std::string& out) {
  if (!out.empty()) {
    transport_->queue(out);
  }
  switch (step) {
    case ServerLogin::Step::Continue:
      return;
    case ServerLogin::Step::DeriveKeys:
      deriveKeys();
      return;
    case ServerLogin::Step::Done:
      loggedIn();
      return;
    case ServerLogin::Step::Failed:
      failLogin(login_->error());
      return;
  }
}

void ServerSession::deriveKeys() {
  keys_.derive(target_->secret_file, login_->challenge(),
               [self = self_](const Result<auth::ScramKeys>& keys) {
                 ServerSession* session = *self;
                 if (session == nullptr || session->state_ != State::Login) {
                   return;
                 }
                 if (!keys) {
                   session->failLogin(keys.error());
                   return;
                 }
                 std::string out;
                 const ServerLogin::Step step = session->login_->onKeys(*keys, out);
                 session->onLoginStep(step, out);
               });
}

void ServerSession::loggedIn() {
  cancel();
  parameters_ = std::move(login_->parameters());
  backend_pid_ = login_->backendPid();
  login_.reset();
  target_.reset();
  state_ = State::Idle;
  owner_.onLoggedIn(*this);
}

void ServerSession::failLogin(const Error& error) {
  cancel();
  state_ = State::Lost;
  owner_.onLoginFailed(*this, error);
}

bool ServerSession::prepare(ClientId client, const WantedParameters& wanted, ServerUser& user) {
  check(state_ == State::Idle, "only a server at rest is prepared");
  const bool same = lastClient() == client;
  const bool reset = lastClient() && !same;
  // What DISCARD ALL leads back to changes when PostgreSQL reloads its configuration, and so does
  // what nobody has set: what a client asked for is set, even if it is so now.
  const ServerParameters unknown;
  setLastClient(client);
  const std::string set_statement = makeSetStatement(wanted, same ? parameters_ : unknown);
  if (!reset && set_statement.empty()) {
    return true;
  }
  user_ = &user;
  state_ = State::Preparing;
  prepare_error_.reset();
  answers_ = PreparationAnswers();
  if (reset) {
    transport_->queue(query(PreparationAnswers::kReset));
    answers_.expectReset();
  }
  if (!set_statement.empty()) {
    transport_->queue(query(set_statement));
    answers_.expectSet();
  }
  return false;
}

void ServerSession::onPreparingMessage(char type, ByteView body) {
  if (type == wire::backend::kParameterStatus) {
    const auto status = wire::parseParameterStatus(body);
    if (!status || !parameters_.report(status->name, status->value)) {
      lose({ErrorCode::Protocol, "backend sent a bad ParameterStatus"});
    }
  } else if (type == wire::backend::kErrorResponse) {
    const auto report = wire::parseReport(body);
    if (!report || answers_.resetting() || !answers_.onError()) {
      // A server that could not be reset may still show one client's state to another.
      lose({ErrorCode::Protocol, "DISCARD ALL failed"});
      return;
    }
    prepare_error_ =
        Error{ErrorCode::Refused, std::string(report->message), std::string(report->sqlstate)};
  } else if (type == wire::backend::kReadyForQuery) {
    if (wire::parseReadyForQuery(body) != wire::TransactionStatus::Idle ||
        !answers_.onReadyForQuery()) {
      lose({ErrorCode::Protocol, "backend is not where DISCARD ALL should have brought it"});
      return;
    }
    onPreparedStep();
  } else if (type == wire::backend::kCommandComplete) {
    if (!answers_.onCommandComplete(body)) {
      lose({ErrorCode::Protocol, "backend answered something else than DISCARD ALL"});
    }
  } else if (type != wire::backend::kNoticeResponse &&
             type != wire::backend::kNotificationResponse) {
    lose({ErrorCode::Protocol, "backend sent an unexpected message after DISCARD ALL"});
  }
}

void ServerSession::onPreparedStep() {
  if (answers_.done()) {
    state_ = State::Idle;
    std::exchange(user_, nullptr)->onPrepared(prepare_error_, true);
  }
}

void ServerSession::onIdleMessage(char type, ByteView body) {
  if (type == wire::backend::kNotificationResponse) {
    return;  // Its listener has gone.
  }
  const auto status =
      type == wire::backend::kParameterStatus ? wire::parseParameterStatus(body) : std::nullopt;
  if (!status || !parameters_.report(status->name, status->value)) {
    // An error (the backend stops) or anything nobody asked for.
    lose({ErrorCode::Closed, "backend spoke to an idle server connection"});
  }
}

void ServerSession::link(ServerUser& user) {
  check(state_ == State::Idle, "only a prepared server is linked");
  user_ = &user;
  tracker_ = SyncTracker();
  scanner_ = ServerScanner();
  transaction_status_ = 'I';
  state_ = State::Linked;
}

void ServerSession::unlink() {
  check(state_ == State::Linked && atRest(), "only a server at rest is unlinked");
  user_ = nullptr;
  state_ = State::Idle;
}

bool ServerSession::atRest() const noexcept {
  return state_ == State::Idle || (state_ == State::Linked && tracker_.atSyncPoint() &&
                                   scanner_.atBoundary() && transaction_status_ == 'I');
}

void ServerSession::close(TimePoint deadline) {
  const bool connected = transport_.has_value() && transport_->open() && state_ != State::Lost;
  state_ = State::Closing;
  user_ = nullptr;
  if (!connected) {
    closing_deadline_ = loop_.now();
    set(closing_deadline_);  // No answer from inside this call.
    return;
  }
  std::string out;
  wire::appendTerminate(out);
  transport_->queue(out);
  transport_->resumeReading();
  closing_deadline_ = deadline;
  set(std::min(deadline, loop_.now() + kTerminatePatience));
}

void ServerSession::onEnd(const Error& error) {
  if (state_ == State::Closing) {
    closed();
    return;
  }
  lose(error);
}

void ServerSession::closed() {
  cancel();
  state_ = State::Lost;  // Told once: the timer and the end of the stream may come in one turn.
  owner_.onClosed(*this);
}

void ServerSession::lose(const Error& error) {
  const State before = state_;
  if (before == State::Closing || before == State::Lost) {
    return;
  }
  if (before == State::Connecting || before == State::Login) {
    failLogin({error.code == ErrorCode::Closed ? ErrorCode::Unreachable : error.code,
               "during login: " + error.text});
    return;
  }
  state_ = State::Lost;
  ServerUser* user = std::exchange(user_, nullptr);
  if (before == State::Idle) {
    // Whoever prepares or is prepared links or gives back in the same call, so nobody has a lease.
    owner_.onIdleLost(*this, error);
  } else if (before == State::Preparing) {
    user->onPrepared(error, false);
  } else {
    user->onServerLost(error);
  }
}

void ServerSession::onDrained() {
  if (state_ == State::Linked) {
    user_->onServerDrained();
  }
}

}  // namespace peerpool::postgres
