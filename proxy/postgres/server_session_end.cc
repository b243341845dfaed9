// How a server connection ends: what it does is cancelled, and PostgreSQL is awaited.

#include <algorithm>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/server_session.h"
#include "proxy/postgres/wire/message_writer.h"

namespace peerpool::postgres {
namespace {

// How long a backend may take to end by itself after Terminate.
constexpr Duration kTerminatePatience{100};
// One that is late is asked as often as this.
constexpr Duration kLatePatience{1000};

}  // namespace

void ServerSession::cancelRequest() {
  check(state_ == State::Linked || state_ == State::Closing, "nothing runs that can be cancelled");
  if (cancelling_ || cancel_key_.empty()) {
    return;
  }
  cancelling_ = true;
  // Where it was opened: a reload may have moved the backend since.
  services_.cancels.start(
      {cancel_target_.socket_path, cancel_target_.unexpected_peer,
       static_cast<std::uint32_t>(backend_pid_), auth::Secret(cancel_key_.bytes())},
      *this);
}

void ServerSession::onCancelEnded(CancelOutcome outcome) {
  cancelling_ = false;
  if (state_ == State::Linked) {
    user_->onCancelEnded(outcome);
  }
}

void ServerSession::forgetCancel() noexcept {
  if (std::exchange(cancelling_, false)) {
    services_.cancels.forget(*this);
  }
}

void ServerSession::close(TimePoint deadline) {
  const bool connected = transport_.has_value() && transport_->open() && state_ != State::Lost;
  // What is unanswered might go on for hours, and notice only then that nobody listens.
  busy_ = connected && state_ == State::Linked && !tracker_.idle();
  state_ = State::Closing;
  user_ = nullptr;
  if (!connected) {
    closing_deadline_ = services_.loop.now();
    set(closing_deadline_);  // No answer from inside this call.
    return;
  }
  transport_->resumeReading();
  closing_deadline_ = deadline;
  if (cut_off_) {
    transport_->endOutput();
  } else {
    std::string out;
    wire::appendTerminate(out);
    transport_->queue(out);
  }
  keepEnding(services_.loop.now());
}

/// Closing: asks again in a while.
void ServerSession::keepEnding(TimePoint now) {
  if (busy_) {
    cancelRequest();
  }
  set(now < closing_deadline_ ? std::min(closing_deadline_, now + kTerminatePatience)
                              : now + kLatePatience);
}

/// A server that goes on after the deadline (a statement may catch its cancel, a backend may hang)
/// keeps its place, since PostgreSQL keeps its own for it.
void ServerSession::onClosingTimer(TimePoint now) {
  const bool late = now >= closing_deadline_;
  if (transport_ && transport_->open() && !(late && owner_.forgets(*this))) {
    // Terminate was not understood (in the middle of a message) or not read yet; a cancel may have
    // come before what it was meant for, or ended only the first of several statements.
    transport_->endOutput();
    keepEnding(now);
  } else {
    closed();
  }
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
  forgetCancel();
  state_ = State::Lost;  // Told once: the timer and the end of the stream may come in one turn.
  owner_.onClosed(*this);
}

}  // namespace peerpool::postgres
