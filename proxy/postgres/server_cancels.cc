#include "proxy/postgres/server_cancels.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/net/connector.h"
#include "proxy/net/transport.h"
#include "proxy/postgres/wire/message_writer.h"

namespace peerpool::postgres {
namespace {

// A full backlog sends no event when it has room again (unix(7), connect(2): EAGAIN).
constexpr Duration kConnectRetry{10};

// The backend sends nothing, so the smallest will do.
constexpr net::Transport::Limits kLimits{512, 512, 512, 1};

}  // namespace

///   state       | entered when               | left when
///   ------------+----------------------------+-----------------------------------------------
///   Waiting     | made                       | its turn -> Connecting; deadline -> Ended
///   Connecting  | others are fewer than may  | connected -> Sent; refused, deadline -> Ended
///               | be at this socket file     |
///   Sent        | the peer is the right one  | closed by the backend, deadline -> Ended
///   Ended       | the user was told          | dies at the end of the turn
class ServerCancels::Attempt final : public event::Deletable,
                                     private net::TransportHandler,
                                     private event::Timer {
 public:
  enum class State : std::uint8_t { Waiting, Connecting, Sent, Ended };

  Attempt(ServerCancels& cancels, CancelTarget target, CancelUser& user)
      : event::Timer(cancels.loop_.timers()),
        cancels_(cancels),
        target_(std::move(target)),
        user_(&user),
        deadline_(cancels.loop_.now() + kDeadline) {
    set(deadline_);
  }

  void connect() {
    state_ = State::Connecting;
    set(cancels_.loop_.now());  // No answer from inside start().
  }
  void forget(const CancelUser& user) noexcept {
    if (user_ == &user) {
      user_ = nullptr;
    }
  }
  [[nodiscard]] CancelUser* user() const noexcept { return user_; }
  [[nodiscard]] const std::string& path() const noexcept { return target_.socket_path; }
  [[nodiscard]] bool waiting() const noexcept { return state_ == State::Waiting; }

 private:
  bool mayRead() override { return true; }
  std::size_t onBytes(ByteView bytes) override { return bytes.size(); }
  void onDrained() override {}

  void onEnd(const Error& error) override {
    end(error.code == ErrorCode::Closed ? CancelOutcome::Done : CancelOutcome::Unknown);
  }

  void onTimer(TimePoint now) override {
    if (state_ == State::Sent) {
      end(CancelOutcome::Unknown);
    } else if (now >= deadline_) {
      end(CancelOutcome::NotSent);
    } else {
      tryConnect(now);
    }
  }

  void tryConnect(TimePoint now) {
    net::ConnectResult attempt = net::connectUnix(target_.socket_path);
    if (attempt.outcome == net::ConnectOutcome::Busy) {
      set(std::min(now + kConnectRetry, deadline_));
      return;
    }
    if (attempt.outcome == net::ConnectOutcome::Failed ||
        target_.unexpected_peer(attempt.socket.get())) {
      end(CancelOutcome::NotSent);
      return;
    }
    try {
      net::TransportHandler& handler = *this;
      transport_.emplace(cancels_.loop_, std::move(attempt.socket), handler, kLimits);
    } catch (const std::system_error&) {
      end(CancelOutcome::NotSent);
      return;
    }
    std::string packet;
    wire::appendCancelRequest(packet, target_.pid, target_.key.bytes());
    transport_->queue(packet);
    auth::wipe(packet.data(), packet.size());
    state_ = State::Sent;
    set(deadline_);
  }

  void end(CancelOutcome outcome) {
    if (state_ != State::Ended) {
      cancel();
      cancels_.ended(*this, outcome);
      state_ = State::Ended;
    }
  }

  ServerCancels& cancels_;
  CancelTarget target_;
  CancelUser* user_;
  TimePoint deadline_;
  std::optional<net::Transport> transport_;
  State state_ = State::Waiting;
};

ServerCancels::ServerCancels(event::EventLoop& loop) : loop_(loop) {}

ServerCancels::~ServerCancels() = default;

void ServerCancels::start(CancelTarget target, CancelUser& user) {
  auto made = std::make_unique<Attempt>(*this, std::move(target), user);
  Attempt& attempt = *made;
  attempts_.emplace(&attempt, std::move(made));
  Queue& queue = queues_[attempt.path()];
  if (queue.running < kMostAtOnce) {
    ++queue.running;
    attempt.connect();
  } else {
    queue.waiting.push_back(&attempt);
  }
}

void ServerCancels::forget(CancelUser& user) noexcept {
  for (const auto& [key, attempt] : attempts_) {
    attempt->forget(user);
  }
}

void ServerCancels::ended(Attempt& attempt, CancelOutcome outcome) {
  const auto place = queues_.find(attempt.path());
  Queue& queue = place->second;
  if (attempt.waiting()) {
    queue.waiting.erase(std::find(queue.waiting.begin(), queue.waiting.end(), &attempt));
  } else if (!queue.waiting.empty()) {
    queue.waiting.front()->connect();
    queue.waiting.pop_front();
  } else if (--queue.running == 0) {
    queues_.erase(place);
  }
  const auto found = attempts_.find(&attempt);
  check(found != attempts_.end(), "a cancel ends once");
  loop_.deleteLater(std::move(found->second));
  attempts_.erase(found);
  if (CancelUser* user = attempt.user()) {
    user->onCancelEnded(outcome);
  }
}

}  // namespace peerpool::postgres
