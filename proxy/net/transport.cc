// Reading rules, end of stream and hand-over of a transport. Sending is event::Output's and the
// flusher's.

#include "proxy/net/transport.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "proxy/base/check.h"

namespace peerpool::net {
namespace {

/// ECONNRESET is a close(2) of the other side with our bytes unread, once all of its own are read.
Error receiveError(int error) {
  return {error == ECONNRESET ? ErrorCode::Closed : ErrorCode::System,
          "recv: " + std::generic_category().message(error)};
}

bool nothingUnread(int fd) noexcept {
  int unread = 0;
  return ::ioctl(fd, FIONREAD, &unread) == 0 && unread == 0;
}

/// Into `window`, without blocking; -errno instead of -1.
ssize_t receiveNow(int fd, std::span<std::uint8_t> window) noexcept {
  ssize_t received = 0;
  do {
    received = ::recv(fd, window.data(), window.size(), MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);
  return received < 0 ? -errno : received;
}

}  // namespace

/// Ends a finish() that the other side does not let come to an end.
class Transport::FinishTimer final : public event::Timer {
 public:
  FinishTimer(Transport& transport, TimePoint deadline)
      : Timer(transport.loop_.timers()), transport_(transport) {
    set(deadline);
  }
  ~FinishTimer() override = default;

 private:
  void onTimer(TimePoint /*now*/) override {
    transport_.completeFinish("the other side did not take all output in time");
  }

  Transport& transport_;
};

Transport::Transport(event::EventLoop& loop, UniqueFd fd, TransportHandler& handler,
                     const Limits& limits, std::string_view leftover)
    : Output(fd.get()),
      loop_(loop),
      fd_(std::move(fd)),
      handler_(handler),
      limits_(limits),
      carry_(leftover),
      carry_is_news_(!leftover.empty()) {
  // The longest leftover is a full carry and a window that were delivered together.
  check(limits_.carry + 2 * limits_.window <= loop_.arena().size(),
        "limits above the arena's size");
  check(leftover.size() <= limits_.carry + limits_.window, "leftover above the limits");
  loop_.watch(fd_.get(), *this);
  if (carry_is_news_) {
    loop_.markReady(*this);
  }
}

Transport::~Transport() {
  if (fd_) {
    loop_.unwatch(fd_.get(), *this);
  }
}

void Transport::queue(ByteView bytes) {
  check(fd_.valid(), "Transport::queue() after detach()");
  if (loop_.arena().owns(bytes) || ownsTail()) {
    append(bytes);
  } else if (const ByteView stored = loop_.arena().store(bytes); !stored.empty()) {
    append(stored);
  } else {
    appendCopy(
        bytes);  // The arena is full and may hold views that somebody up the stack still uses.
  }
  was_congested_ = was_congested_ || congested();
  if (pending() > 0 && !blocked()) {
    loop_.markOutput(*this);
  }
}

void Transport::resumeReading() noexcept {
  paused_ = false;
  carry_is_news_ = !carry_.empty() && !delivering_;
  if (!ended_ && (readable_ || carry_is_news_)) {
    loop_.markReady(*this);
  }
}

void Transport::finish(TimePoint deadline) {
  check(finish_ == nullptr, "Transport::finish() twice");
  check(fd_.valid(), "Transport::finish() after detach()");
  ended_ = true;
  std::string().swap(carry_);
  finish_ = std::make_unique<FinishTimer>(*this, deadline);
  loop_.markReady(*this);
}

void Transport::endOutput() noexcept {
  // Sent after this it would fail, which looks as if the other side were gone.
  dropOutput();
  ::shutdown(fd_.get(), SHUT_WR);
}

Transport::Detached Transport::detach(ByteView unconsumed) {
  check(pending() == 0 && !finish_, "Transport::detach() with output");
  check(delivering_ || unconsumed.empty(), "Transport::detach(unconsumed) outside of onBytes()");
  loop_.unwatch(fd_.get(), *this);
  ReadyNode::unlink();
  Output::unlink();  // The report of a flush may be due.
  ended_ = true;
  Detached detached{std::move(fd_), std::move(carry_)};
  if (delivering_) {
    detached.leftover = asText(unconsumed);
  }
  return detached;
}

void Transport::onEvent(event::Readiness readiness) {
  if (readiness.writable && blocked()) {
    loop_.markOutput(*this);
  }
  closed_ = closed_ || readiness.closed;
  if (readiness.readable || readiness.hung_up) {
    hung_up_ = hung_up_ || readiness.hung_up;
    readable_ = true;
    unsure_ = !readiness.readable;
    onInput();
  }
}

void Transport::onReady() { onInput(); }

void Transport::onFlushed(int error) {
  if (error != 0 && error != EAGAIN && !ended_) {
    // It does not take output any more, but what it said before may be unread: a server's reason to
    // close. Seen by the next turn, which reads to the end.
    hung_up_ = readable_ = unsure_ = true;
    loop_.markReady(*this);
  }
  if (finish_ != nullptr) {
    loop_.markReady(*this);
  } else if (was_congested_ && pending() <= limits_.high_watermark / 2) {
    was_congested_ = false;
    handler_.onDrained();
  }
}

bool Transport::inputWaits() const noexcept {
  return carry_is_news_ || hung_up_ || !nothingUnread(fd_.get());
}

/// Reads as far as handler, budget and socket permit, and stays in the ready list only for the
/// budget.
void Transport::onInput() {
  ReadyNode::unlink();
  if (finish_ != nullptr) {
    const bool more = discardInput();
    if (pending() == 0) {
      completeFinish("finished");
    } else if (more) {
      loop_.markReady(*this);
    }
    return;
  }
  endPaused();
  if (paused_ || ended_ || !(carry_is_news_ || readable_)) {
    return;
  }
  // Nobody is asked about bytes that do not exist: mayRead() may take a server for them.
  if (!carry_is_news_ && (unsure_ || hung_up_) && nothingUnread(fd_.get())) {
    readable_ = hung_up_;
    if (hung_up_) {
      static_cast<void>(receive());  // The end, or the error that is one.
    }
    return;
  }
  if (handler_.mayRead()) {
    readSome();
    endPaused();  // What made it pause may have shared an edge with the close.
  } else if (hung_up_ && !ended_) {
    end({ErrorCode::Closed, "the other side went away while it waited"});
  }
}

void Transport::endPaused() {
  if (paused_ && closed_ && !ended_ && finish_ == nullptr && handler_.endsWhenClosed()) {
    end({ErrorCode::Closed, "the other side closed the connection"});
  }
}

void Transport::readSome() {
  for (std::size_t reads = 0; !paused_ && !ended_; ++reads) {
    if (!carry_is_news_ && !readable_) {
      return;
    }
    if (reads == limits_.reads_per_turn) {
      loop_.markReady(*this);
      return;
    }
    if (!receive() && reads == 0 && !ended_) {
      // The kernel says readable and gives nothing: only out-of-band data does that. The handler
      // may have taken a server for it, which must not be held for nothing.
      end({ErrorCode::Protocol, "input that cannot be received"});
    }
  }
}

/// False when there was nothing.
bool Transport::receive() {
  const std::span<std::uint8_t> window = makeWindow(carry_.size() + limits_.window);
  if (!carry_.empty()) {
    std::memcpy(window.data(), carry_.data(), carry_.size());
  }
  if (carry_is_news_) {
    deliver(loop_.arena().commit(carry_.size()));
    return true;
  }
  const ssize_t received = receiveNow(fd_.get(), window.subspan(carry_.size()));
  if (received == 0) {
    end({ErrorCode::Closed, "end of stream"});
    return true;
  }
  if (received == -EAGAIN) {
    readable_ = false;
    if (failed()) {
      end({ErrorCode::Closed, "the other side takes no output"});
    }
    return false;
  }
  if (received < 0) {
    end(receiveError(static_cast<int>(-received)));
    return true;
  }
  const auto size = static_cast<std::size_t>(received);
  // Less than the window means drained; but data and the end may share one edge, so after a hang-up
  // only the end itself counts.
  unsure_ = size == limits_.window;
  readable_ = unsure_ || hung_up_;
  deliver(loop_.arena().commit(carry_.size() + size));
  return true;
}

/// Contiguous room in the arena. Called only where no handler is on the stack, so nobody holds a
/// view.
std::span<std::uint8_t> Transport::makeWindow(std::size_t size) {
  std::span<std::uint8_t> window = loop_.arena().window(size);
  if (window.empty()) {
    loop_.flushNow();
    loop_.arena().reset();
    window = loop_.arena().window(size);
    check(!window.empty(), "the carry is above its limit");
  }
  return window;
}

void Transport::deliver(ByteView bytes) {
  carry_is_news_ = false;
  delivering_ = true;
  const std::size_t consumed = handler_.onBytes(bytes);
  delivering_ = false;
  if (ended_) {
    return;
  }
  check(consumed <= bytes.size(), "onBytes() consumed more than there was");
  const ByteView rest = bytes.subspan(consumed);
  if (rest.size() > limits_.carry) {
    end({ErrorCode::Protocol, "a message is longer than the limit"});
  } else if (rest.empty()) {
    std::string().swap(carry_);
  } else {
    carry_ = asText(rest);
  }
}

void Transport::end(const Error& error) {
  ended_ = true;
  readable_ = false;
  std::string().swap(carry_);
  handler_.onEnd(error);
}

/// True when there may be more. Bounded: what a peer sends on and on is not worth waiting for once
/// the output is sent; it loses only a tidy end.
bool Transport::discardInput() noexcept {
  std::array<std::uint8_t, 16 * 1024> window;  // NOLINT: filled by the kernel
  for (std::size_t reads = 0; reads < limits_.reads_per_turn; ++reads) {
    if (receiveNow(fd_.get(), window) <= 0) {
      return false;
    }
  }
  return true;
}

void Transport::completeFinish(std::string_view why) {
  if (!finished_) {
    finished_ = true;
    ReadyNode::unlink();
    finish_->cancel();
    handler_.onEnd({ErrorCode::Closed, std::string(why)});
  }
}

}  // namespace peerpool::net
