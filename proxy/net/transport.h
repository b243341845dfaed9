// A connected stream socket on a loop: bytes in by call, bytes out by queue.
//
// Completion shaped: its owner never reads or writes. Received bytes are views of the turn's arena,
// and a view may be queued on another transport of the same loop without a copy.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "proxy/base/bytes.h"
#include "proxy/base/error.h"
#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"

namespace peerpool::net {

/// The owner of a transport. All calls come from the loop, never from inside the transport's
/// methods. It may destroy the transport in none of them: EventLoop::deleteLater() is for that.
class TransportHandler {
 public:
  /// Asked when there is input, before it is received; false leaves it in the socket until
  /// Transport::resumeReading() (a client that waits for a server holds no buffer). A "no" means
  /// waiting, so a hang-up is then reported at once, whatever is unread.
  virtual bool mayRead() = 0;
  /// `bytes` starts with what was carried over. Returns how many are done with; the rest is kept by
  /// the transport and comes again in front of the next bytes, or at resumeReading(). Valid until
  /// this returns; what is queued on a transport of the same loop meanwhile may be queued as it is.
  virtual std::size_t onBytes(ByteView bytes) = 0;
  /// The other side will send no more (`error.code` Closed), the connection failed, or the owner
  /// left too much unconsumed (Protocol). Comes once; after finish(), exactly once more.
  virtual void onEnd(const Error& error) = 0;
  /// Reading is paused, and the other side has closed the connection, not only ended its stream:
  /// nobody will read an answer. True: onEnd() comes at once, and what is unread is lost.
  [[nodiscard]] virtual bool endsWhenClosed() { return false; }
  /// Output fell to the low watermark after having been above the high one, or was dropped because
  /// the other side does not take it any more. Not after finish().
  virtual void onDrained() = 0;

 protected:
  ~TransportHandler() = default;
};

/// Owns the descriptor. Destroying it closes without a flush; finish() sends what is queued first.
class Transport final : private event::Watcher, private event::ReadyNode, private event::Output {
 public:
  struct Limits {
    std::size_t window = std::size_t{16} * 1024;  ///< Bytes of one receive.
    /// Bytes: congested() above it, onDrained() at half of it.
    std::size_t high_watermark = std::size_t{64} * 1024;
    /// More bytes than this left unconsumed end it (Protocol). With the window, less than the
    /// arena.
    std::size_t carry = std::size_t{64} * 1024;
    std::size_t reads_per_turn = 4;  ///< Then others get their turn.
  };

  /// `fd` does not block; `handler` and `loop` outlive the transport. `leftover` is input that came
  /// before (a hand-over from another worker); it is delivered in front of everything else.
  /// Delivery begins in the next turn or ready phase. Throws std::system_error when the loop cannot
  /// watch `fd`.
  Transport(event::EventLoop& loop, UniqueFd fd, TransportHandler& handler, const Limits& limits,
            std::string_view leftover = {});
  ~Transport() override;

  /// Appends to the output. A view of the loop's arena is sent in place; other bytes are copied.
  /// Dropped once the other side does not take output any more: the end follows.
  void queue(ByteView bytes);
  void queue(std::string_view text) { queue(asBytes(text)); }

  [[nodiscard]] std::size_t pendingOutput() const noexcept { return pending(); }
  [[nodiscard]] bool congested() const noexcept { return pending() > limits_.high_watermark; }

  /// Back-pressure: no onBytes() and no onEnd() until resumeReading(). What the other side sent
  /// before it went away is then delivered first, and the end after it; but see endsWhenClosed().
  void pauseReading() noexcept { paused_ = true; }
  /// After pauseReading(), or when mayRead() would now say yes: delivers what is carried and what
  /// is in the socket from the next ready phase on.
  void resumeReading() noexcept;
  /// False once the end was reported or the descriptor is detached.
  [[nodiscard]] bool open() const noexcept { return !ended_; }

  /// The other side has closed, or ended its stream; what it sent before may still be unread.
  [[nodiscard]] bool hungUp() const noexcept { return hung_up_; }

  /// Did the other side send what was not read yet, or end its stream? Asks the kernel.
  [[nodiscard]] bool inputWaits() const noexcept;

  /// The other side sees our stream end, as after shutdown(2); what is not sent yet is lost. Input
  /// and its end still come.
  void endOutput() noexcept;

  /// Calls onEnd() with Closed when the output is sent, or cannot be, or `deadline` passes; its
  /// owner then destroys it. Input from now on is thrown away: unread input at close(2) would give
  /// the other side ECONNRESET where the end of the stream should be, and would keep it from
  /// reading our output while it is blocked in its own (unix(7)). Works after onEnd() too; once.
  void finish(TimePoint deadline);

  /// Takes descriptor and unconsumed input out, for another worker; the transport is then only good
  /// for destruction. Output must be empty. Inside onBytes() pass what is not consumed of its bytes
  /// as `unconsumed` (its return value does not matter then); elsewhere nothing.
  struct Detached {
    UniqueFd fd;
    std::string leftover;
  };
  [[nodiscard]] Detached detach(ByteView unconsumed = {});

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] event::EventLoop& loop() noexcept { return loop_; }

 private:
  class FinishTimer;

  void onEvent(event::Readiness readiness) override;
  void onReady() override;
  void onFlushed(int error) override;
  void onInput();
  void readSome();
  void endPaused();
  [[nodiscard]] bool receive();
  void deliver(ByteView bytes);
  [[nodiscard]] std::span<std::uint8_t> makeWindow(std::size_t size);
  void end(const Error& error);
  [[nodiscard]] bool discardInput() noexcept;
  void completeFinish(std::string_view why);

  event::EventLoop& loop_;
  UniqueFd fd_;
  TransportHandler& handler_;
  Limits limits_;
  std::string carry_;           // Unconsumed input; no memory when empty.
  bool carry_is_news_ = false;  // Deliver the carry even if nothing more comes.
  bool readable_ = false;       // Sticky: the edge was seen and the socket not yet drained.
  bool unsure_ = false;         // readable_ is a guess: the last read filled its window.
  bool hung_up_ = false;
  bool closed_ = false;
  bool paused_ = false;
  bool delivering_ = false;
  bool ended_ = false;
  bool finished_ = false;
  bool was_congested_ = false;
  std::unique_ptr<FinishTimer> finish_;  // Set by finish().
};

}  // namespace peerpool::net
