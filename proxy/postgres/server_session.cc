#include "proxy/postgres/server_session.h"

#include <algorithm>
#include <cerrno>
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

// A full backlog sends no event when it has room again (unix(7), connect(2): EAGAIN). The longer it
// lasts the less often it is tried.
constexpr Duration kFirstConnectRetry{10};
constexpr Duration kLastConnectRetry{100};

const PreparationQuery* preparationFor(SessionRemains::Reset reset) {
  switch (reset) {
    case SessionRemains::Reset::None:
      return nullptr;
    case SessionRemains::Reset::Check:
      return &emptyQuery();
    case SessionRemains::Reset::KeepStatements:
      return &discardAllButStatements();
    case SessionRemains::Reset::All:
      return &discardAll();
  }
  checkFailed("unknown SessionRemains::Reset");
}

}  // namespace

ServerSession::ServerSession(ServerId id, const Services& services, ServerOwner& owner,
                             const Target& target)
    : pool::Server(id, services.loop.now()),
      event::Timer(services.loop.timers()),
      services_(services),
      owner_(owner),
      target_(std::make_unique<Target>(target)),
      login_(std::make_unique<ServerLogin>(target.login)),
      self_(std::make_shared<ServerSession*>(this)),
      connect_timeout_(target.connect_timeout) {}

ServerSession::~ServerSession() {
  if (self_ != nullptr) {
    *self_ = nullptr;
  }
  forgetCancel();
}

void ServerSession::open(TimePoint now) {
  connect_deadline_ = now + connect_timeout_;
  set(now);  // The first attempt comes from the timer: no answer from inside this call.
}

void ServerSession::onTimer(TimePoint now) {
  switch (state_) {
    case State::Connecting:
      if (now >= connect_deadline_) {
        failLogin({ErrorCode::Unreachable,
                   "backend's backlog is full for connect_timeout",
                   {},
                   ETIMEDOUT});
      } else {
        tryConnect(now);
      }
      return;
    case State::Login:
      failLogin({ErrorCode::Unreachable, "login took longer than connect_timeout", {}, ETIMEDOUT});
      return;
    case State::Preparing:
      lose({ErrorCode::Unreachable,
            "resetting the server took longer than connect_timeout",
            {},
            ETIMEDOUT});
      return;
    case State::Closing:
      onClosingTimer(now);
      return;
    case State::Idle:
    case State::Linked:
    case State::Lost:
      return;
  }
}

void ServerSession::tryConnect(TimePoint now) {
  net::ConnectResult attempt = net::connectUnix(target_->socket_path);
  if (attempt.outcome == net::ConnectOutcome::Busy) {
    const TimePoint opened_at = connect_deadline_ - connect_timeout_;
    set(now +
        std::clamp<TimePoint::duration>(now - opened_at, kFirstConnectRetry, kLastConnectRetry));
    return;
  }
  if (attempt.outcome == net::ConnectOutcome::Failed) {
    failLogin(
        {ErrorCode::Unreachable,
         "connect " + target_->socket_path + ": " + std::generic_category().message(attempt.error),
         {},
         attempt.error});
    return;
  }
  // Before a byte is sent: an impostor learns nothing, not even the role.
  PeerCheck unexpected_peer = owner_.peerCheck();
  if (const auto mismatch = unexpected_peer(attempt.socket.get())) {
    failLogin({ErrorCode::Impostor, *mismatch});
    return;
  }
  // Where this one is, also if a reload has moved the backend while its queue was full.
  cancel_target_ = {target_->socket_path, std::move(unexpected_peer), 0, {}};
  const Result<std::string> packet = login_->startupPacket();
  if (!packet) {
    failLogin(packet.error());
    return;
  }
  try {
    net::TransportHandler& handler = *this;
    transport_.emplace(services_.loop, std::move(attempt.socket), handler,
                       net::Transport::Limits{});
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
  services_.keys.derive(target_->secret_file, login_->challenge(),
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
  parameters_.rememberDefaults();
  backend_pid_ = login_->backendPid();
  cancel_key_ = std::move(login_->cancelKey());
  login_.reset();
  target_.reset();
  state_ = State::Idle;
  idle_since_ = services_.loop.now();
  owner_.onLoggedIn(*this);
}

void ServerSession::failLogin(const Error& error) {
  cancel();
  state_ = State::Lost;
  owner_.onLoginFailed(*this, error);
}

bool ServerSession::prepare(ClientId client, std::optional<uid_t> uid,
                            const WantedParameters& wanted, ServerUser& user) {
  check(state_ == State::Idle && !cancelling_, "only a server at rest is prepared");
  using Reset = SessionRemains::Reset;
  const bool same = lastClient() == client;
  const Reset reset = remains_.needed(same, uid, services_.loop.now() - idle_since_, statements_);
  const bool resets = reset == Reset::KeepStatements || reset == Reset::All;
  std::string set_statement = makeSetStatement(wanted, parameters_, resets);
  setLastClient(client);
  remains_.prepared(reset, same, uid);
  if (reset == Reset::All) {
    statements_.reset();  // None of them will be left.
  }
  if (reset == Reset::None && set_statement.empty()) {
    return true;
  }
  parameters_.followed() = wanted.followed();
  user_ = &user;
  state_ = State::Preparing;
  std::string out;
  preparation_.start(preparationFor(reset), std::move(set_statement), out);
  transport_->queue(out);
  set(services_.loop.now() + connect_timeout_);
  return false;
}

void ServerSession::onPreparingMessage(char type, ByteView body) {
  std::string out;
  const ServerPreparation::Step step = preparation_.onMessage(type, body, parameters_, out);
  if (!out.empty()) {
    transport_->queue(out);
  }
  switch (step) {
    case ServerPreparation::Step::Continue:
      return;
    case ServerPreparation::Step::Done:
      cancel();
      state_ = State::Idle;
      if (preparation_.error()) {
        remains_.touch();  // What is set is not what was wanted.
      }
      // A copy: the user may have it prepared anew from inside.
      std::exchange(user_, nullptr)->onPrepared(std::optional(preparation_.error()), true);
      return;
    case ServerPreparation::Step::Failed:
      lose(Error(*preparation_.error()));
      return;
  }
}

void ServerSession::onIdleMessage(char type, ByteView body) {
  if (type == wire::backend::kNotificationResponse) {
    return;  // Its listener has gone.
  }
  if (type == wire::backend::kErrorResponse) {
    const auto report = wire::parseReport(body);
    lose({ErrorCode::Closed,
          "backend ended it: " + (report ? std::string(report->message) : std::string())});
    return;
  }
  const auto status =
      type == wire::backend::kParameterStatus ? wire::parseParameterStatus(body) : std::nullopt;
  if (!status || !parameters_.report(status->name, status->value)) {
    lose({ErrorCode::Closed, "backend spoke to an idle server connection"});
    return;
  }
  parameters_.rememberDefault(status->name);  // PostgreSQL has read its configuration again.
}

void ServerSession::link(ServerUser& user) {
  check(state_ == State::Idle, "only a prepared server is linked");
  user_ = &user;
  tracker_ = SyncTracker();
  scanner_ = ServerScanner();
  transaction_status_ = 'I';
  has_served_ = true;
  state_ = State::Linked;
}

void ServerSession::unlink() {
  check(state_ == State::Linked && atRest() && !cancelling_, "only a server at rest is unlinked");
  user_ = nullptr;
  statements_.abandon();  // At rest none should be unanswered.
  idle_since_ = services_.loop.now();
  state_ = State::Idle;
}

bool ServerSession::atRest() const noexcept {
  return state_ == State::Idle || (state_ == State::Linked && tracker_.atSyncPoint() &&
                                   scanner_.atBoundary() && transaction_status_ == 'I');
}

void ServerSession::lose(const Error& error) {
  const State before = state_;
  if (before == State::Closing || before == State::Lost) {
    return;
  }
  if (before == State::Connecting || before == State::Login) {
    const bool closed = error.code == ErrorCode::Closed;
    failLogin({closed ? ErrorCode::Unreachable : error.code,
               "during login: " + error.text,
               {},
               closed ? ECONNRESET : error.system_error});
    return;
  }
  cancel();
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

}  // namespace peerpool::postgres
