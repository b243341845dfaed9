#include "proxy/postgres/server_recovery.h"

#include <algorithm>
#include <string>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

// A cancel ends one statement, and none if it comes before the statement has begun: after this, and
// each time twice as long, the next is sent.
constexpr Duration kFirstCancelPause{20};

// A cancel that came late may hit the first.
constexpr std::uint8_t kMostRollbacks = 2;

}  // namespace

ServerRecovery::ServerRecovery(event::EventLoop& loop, RecoveryOwner& owner, pool::Lease lease)
    : event::Timer(loop.timers()),
      loop_(loop),
      owner_(owner),
      lease_(std::move(lease)),
      deadline_(loop.now() + kDeadline),
      next_cancel_(loop.now()),
      cancel_pause_(kFirstCancelPause) {}

void ServerRecovery::start() {
  set(deadline_);
  switch (server().state()) {
    case ServerSession::State::Preparing:
      server().setUser(*this);
      return;
    case ServerSession::State::Idle:
      discardAll();
      return;
    case ServerSession::State::Linked:
      state_ = State::Draining;
      server().setUser(*this);
      server().transport().resumeReading();
      advance();
      return;
    case ServerSession::State::Connecting:
    case ServerSession::State::Login:
    case ServerSession::State::Closing:
    case ServerSession::State::Lost:
      break;
  }
  checkFailed("no client can leave a server in this state");
}

std::size_t ServerRecovery::onServerBytes(ByteView bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    const ServerScanner::Scan scan =
        server().scanner().scan(bytes.subspan(total), server().tracker());
    total += scan.length;
    if (!take(scan)) {
      return total;
    }
    const bool more = scan.event != ServerScanner::Event::None;
    advance();
    if (!more || state_ == State::Discarding || state_ == State::Over) {
      return total;
    }
  }
  return total;
}

bool ServerRecovery::take(const ServerScanner::Scan& scan) {
  switch (scan.event) {
    case ServerScanner::Event::None:
    case ServerScanner::Event::Error:
    case ServerScanner::Event::Statement:
      return true;
    case ServerScanner::Event::ReadyForQuery:
      server().setTransactionStatus(scan.status);
      return true;
    case ServerScanner::Event::Parameter:
      if (server().parameters().report(scan.name, scan.value)) {
        return true;
      }
      break;
    case ServerScanner::Event::Violation:
      break;
  }
  giveUp("server broke the protocol");
  return false;
}

/// Draining and RollingBack: does all that the server's state permits.
void ServerRecovery::advance() {
  if (server().tracker().uncertain()) {
    giveUp("a Sync may or may not have been answered");
    return;
  }
  if (state_ == State::Draining) {
    endRequests();
  }
  if (!server().tracker().idle() || !server().scanner().atBoundary()) {
    if (state_ == State::Draining) {
      askToCancel();
    }
    return;
  }
  if (server().cancelling()) {
    return;  // It can hit whatever is sent now.
  }
  if (server().transactionStatus() != 'I') {
    rollBack();
    return;
  }
  server().unlink();
  discardAll();
}

/// Says what the client can't say any more, so that the backend comes to an answer.
void ServerRecovery::endRequests() {
  SyncTracker& tracker = server().tracker();
  std::string out;
  if (tracker.copyIn()) {
    wire::appendCopyFail(out, "the client went away");
    tracker.onClientMessage(wire::frontend::kCopyFail);
  }
  if (tracker.unsynced()) {
    wire::appendSync(out);
    tracker.onClientMessage(wire::frontend::kSync);
  }
  if (!out.empty()) {
    server().transport().queue(out);
  }
}

void ServerRecovery::askToCancel() {
  const TimePoint now = loop_.now();
  if (server().cancelling() || now < next_cancel_) {
    return;
  }
  server().cancelRequest();
  next_cancel_ = now + cancel_pause_;
  cancel_pause_ *= 2;
  set(std::min(deadline_, next_cancel_));
}

void ServerRecovery::rollBack() {
  if (rollbacks_ == kMostRollbacks) {
    giveUp("ROLLBACK failed");
    return;
  }
  ++rollbacks_;
  state_ = State::RollingBack;
  std::string out;
  check(wire::appendQuery(out, "ROLLBACK"), "holds no zero byte");
  server().tracker().onClientMessage(wire::frontend::kQuery);
  server().transport().queue(out);
}

void ServerRecovery::discardAll() {
  state_ = State::Discarding;
  if (server().prepare(ClientId{}, std::nullopt, WantedParameters{}, *this)) {
    onPrepared(std::nullopt, true);
  }
}

void ServerRecovery::onPrepared(const std::optional<Error>& error, bool usable) {
  if (!usable) {
    giveUp(error->text);
    return;
  }
  if (state_ == State::Preparing) {
    discardAll();
    return;
  }
  pool::Lease lease = std::move(lease_);
  over();
  lease.giveBack(loop_.now());
}

void ServerRecovery::onServerLost(const Error& error) { giveUp(error.text); }

void ServerRecovery::onCancelEnded(CancelOutcome outcome) {
  if (outcome == CancelOutcome::Unknown) {
    giveUp("a cancel may still hit");
  } else {
    advance();
  }
}

void ServerRecovery::onTimer(TimePoint now) {
  if (now >= deadline_) {
    giveUp("not at rest by the deadline");
    return;
  }
  set(deadline_);
  if (state_ == State::Draining) {
    advance();
  }
}

void ServerRecovery::giveUp(std::string_view reason) {
  owner_.onGivenUp(server(), reason);
  lease_.discard();
  over();
}

void ServerRecovery::over() {
  cancel();
  state_ = State::Over;
  owner_.remove(*this);
}

}  // namespace peerpool::postgres
