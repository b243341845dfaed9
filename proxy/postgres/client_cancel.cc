// A session whose request is cancelled by its own client, over another connection.

#include <string>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/client_session.h"
#include "proxy/postgres/refusal.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

constexpr std::string_view kQueryCanceled = "57014";
// PostgreSQL's own words, so that nobody notices who said them.
constexpr std::string_view kByUser = "canceling statement due to user request";

}  // namespace

void ClientSession::cancelRequest() {
  switch (state_) {
    case State::Waiting:
      Waiter::leave();
      if (turn_ != nullptr) {
        turn_->leave();
      }
      skipRequest();
      return;
    case State::Preparing:
      cancel_pending_ = true;  // What runs is ours, and must run to its end.
      return;
    case State::Linked:
      cancelAtServer();
      if (waited_ && late_cancel_ == nullptr) {
        CancelledSession& session = *this;
        late_cancel_ =
            std::make_unique<LateCancel>(host_.loop().timers(), session, host_.loop().now());
      }
      return;
    case State::Login:
    case State::Idle:
    case State::Skipping:
    case State::Closing:
    case State::Gone:
      return;
  }
}

void ClientSession::cancelAtServer() {
  if (state_ == State::Linked && !server().tracker().idle()) {
    server().cancelRequest();
  }
}

/// Its request has ended: what comes next is not meant.
void ClientSession::forgetCancel() noexcept {
  waited_ = false;
  late_cancel_.reset();
}

void ClientSession::skipRequest() {
  setState(State::Skipping);
  transport_.resumeReading();
}

std::size_t ClientSession::onSkippedBytes(ByteView bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    const ClientScanner::Skipped skipped = scanner_.skipRequest(bytes.subspan(total));
    total += skipped.length;
    switch (skipped.event) {
      case ClientScanner::Skipped::Event::None:
        return total;
      case ClientScanner::Skipped::Event::Terminate:
        leave("terminated");
        return bytes.size();
      case ClientScanner::Skipped::Event::Violation:
        refuse(makeFatal("08P01", "invalid frontend message"), "protocol violation");
        return bytes.size();
      case ClientScanner::Skipped::Event::Begun:
        transport_.queue(makeError(kQueryCanceled, kByUser));
        break;
      case ClientScanner::Skipped::Event::Ended: {
        std::string out;
        wire::appendReadyForQuery(out, wire::TransactionStatus::Idle);
        transport_.queue(out);
        setState(State::Idle);
        if (endIfLeaving()) {
          return bytes.size();
        }
        return total == bytes.size() ? total : total + onIdleBytes(bytes.subspan(total));
      }
    }
  }
  return total;
}

void ClientSession::onCancelEnded(CancelOutcome outcome) {
  if (outcome != CancelOutcome::Unknown) {
    transport_.resumeReading();
  } else if (timer_ != nullptr && timer_->canceling()) {
    onLimit(SessionLimits::Due::QueryUnanswered);  // It may hit whatever comes next.
  } else {
    refuse(makeFatal(kQueryCanceled,
                     "terminating connection: the backend did not answer a cancel request"),
           "the backend did not answer a cancel request");
  }
}

}  // namespace peerpool::postgres
