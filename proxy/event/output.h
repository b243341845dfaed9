// What one descriptor has to send.

#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "proxy/base/bytes.h"
#include "proxy/base/intrusive_list.h"

namespace peerpool::event {

/// Slices of the turn's arena, or a tail that it owns: what the kernel did not take in earlier
/// turns and all that was queued since. Empty and without memory when the descriptor is idle.
class Output : public ListNode {
 public:
  /// `fd` is the owner's and outlives the output.
  explicit Output(int fd) noexcept : fd_(fd) {}

  /// `bytes` must stay valid until the flush (arena memory or constants) unless there is a tail:
  /// then they are copied behind it. Slices that touch are merged. Dropped after a failure.
  void append(ByteView bytes);
  /// The same for bytes that do not stay valid: all that is queued moves to the tail.
  void appendCopy(ByteView bytes);

  /// Bytes not yet given to the kernel.
  [[nodiscard]] std::size_t pending() const noexcept { return pending_; }
  /// True when the kernel took less than all: only a writable event makes it worth trying again.
  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  /// True when the kernel refused for good; all output is dropped from then on.
  [[nodiscard]] bool failed() const noexcept { return error_ != 0; }
  /// Is there memory of its own? Then append() copies.
  [[nodiscard]] bool ownsTail() const noexcept { return !tail_.empty(); }
  [[nodiscard]] int fd() const noexcept { return fd_; }

  /// For flushers: what to send in one call, at most kMaxPieces; valid until the next call that
  /// changes anything.
  [[nodiscard]] std::span<const iovec> pieces() noexcept;
  /// For flushers: `result` is what sendmsg of pieces() gave, or -errno. Keeps what the kernel did
  /// not want as the tail.
  void onSent(long result);

  /// Entries of one sendmsg; well below IOV_MAX, because copying many of them in costs more than
  /// another call.
  static constexpr std::size_t kMaxPieces = 64;

 protected:
  virtual ~Output() = default;
  /// Drops what is not sent, and all that is queued later.
  void dropOutput() noexcept;
  /// After a flush in which the kernel took all (`error` 0), a part (EAGAIN) or failed (errno).
  /// Called by the loop, not from append(); may queue more, which goes out in the same turn.
  virtual void onFlushed(int error) = 0;

 private:
  friend class EventLoop;
  [[nodiscard]] std::span<const iovec> slices() const noexcept;
  [[nodiscard]] bool wantsFlush() const noexcept { return pending_ > 0 && !blocked_; }
  void addSlice(iovec slice);
  void dropFront(std::size_t bytes);
  void moveToTail(std::size_t extra);
  void clear() noexcept;

  int fd_;
  int error_ = 0;
  bool dropping_ = false;  // Since dropOutput().
  bool blocked_ = false;
  bool marked_ = false;  // In the loop's list of outputs to flush.
  std::size_t pending_ = 0;
  // A relayed turn is nearly always one slice, or two with an injected one: those need no
  // allocation.
  std::array<iovec, 2> few_slices_{};
  std::size_t few_count_ = 0;
  std::vector<iovec> many_slices_;  // All slices once there are more than fit into few_slices_.
  std::string tail_;                // Owned; its first tail_offset_ bytes are already sent.
  std::size_t tail_offset_ = 0;
};

}  // namespace peerpool::event
