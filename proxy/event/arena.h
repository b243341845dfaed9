// The memory of one turn: what was received in it and what was made in it to be sent.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "proxy/base/bytes.h"

namespace peerpool::event {

/// A bump allocator that starts anew after each flush. Bytes that were committed are const until
/// then. Under AddressSanitizer, a view from before reset() is a reported error.
class Arena {
 public:
  /// `size` in bytes; allocated at once and never again.
  explicit Arena(std::size_t size);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// `size` bytes of free room at the bump pointer; shrinks to what commit() takes. Empty when less
  /// is left: flush early, then ask again.
  [[nodiscard]] std::span<std::uint8_t> window(std::size_t size) noexcept;
  /// Makes the first `size` bytes of the last window part of the turn.
  ByteView commit(std::size_t size) noexcept;
  /// Copies `bytes` in; empty when they do not fit (and are not empty).
  [[nodiscard]] ByteView store(ByteView bytes) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t free() const noexcept { return size_ - used_; }
  /// Do `bytes` lie in here? Then they may be queued without a copy. Only of committed bytes.
  [[nodiscard]] bool owns(ByteView bytes) const noexcept;
  /// Only when nothing refers to the arena's bytes any more.
  void reset() noexcept;

 private:
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t size_;
  std::size_t used_ = 0;
};

}  // namespace peerpool::event
