// Bump allocation, and the poisoning that finds views which outlived their turn.

#include "proxy/event/arena.h"

#include <sanitizer/asan_interface.h>

#include <cstring>
#include <functional>

#include "proxy/base/check.h"

namespace peerpool::event {

// make_unique_for_overwrite: a page of the arena costs memory only once it is used.
Arena::Arena(std::size_t size)
    : memory_(std::make_unique_for_overwrite<std::uint8_t[]>(size)), size_(size) {
  ASAN_POISON_MEMORY_REGION(memory_.get(), size_);
}

Arena::~Arena() { ASAN_UNPOISON_MEMORY_REGION(memory_.get(), size_); }

std::span<std::uint8_t> Arena::window(std::size_t size) noexcept {
  if (size > free()) {
    return {};
  }
  ASAN_UNPOISON_MEMORY_REGION(memory_.get() + used_, size);
  return {memory_.get() + used_, size};
}

ByteView Arena::commit(std::size_t size) noexcept {
  check(size <= free(), "Arena::commit() of more than the window");
  const ByteView committed(memory_.get() + used_, size);
  used_ += size;
  return committed;
}

ByteView Arena::store(ByteView bytes) noexcept {
  const std::span<std::uint8_t> room = window(bytes.size());
  if (room.empty()) {
    return {};
  }
  std::memcpy(room.data(), bytes.data(), bytes.size());
  return commit(bytes.size());
}

bool Arena::owns(ByteView bytes) const noexcept {
  // std::less orders pointers of different objects too; plain < does not.
  const std::less<> before;
  return !before(bytes.data(), memory_.get()) &&
         !before(memory_.get() + used_, bytes.data() + bytes.size());
}

void Arena::reset() noexcept {
  ASAN_POISON_MEMORY_REGION(memory_.get(), size_);
  used_ = 0;
}

}  // namespace peerpool::event
