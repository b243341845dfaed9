// Slices and the tail. No system call is made here.

#include "proxy/event/output.h"

#include <algorithm>
#include <cerrno>

#include "proxy/base/check.h"

namespace peerpool::event {
namespace {

std::size_t totalSize(std::span<const iovec> pieces) noexcept {
  std::size_t total = 0;
  for (const iovec& piece : pieces) {
    total += piece.iov_len;
  }
  return total;
}

}  // namespace

void Output::append(ByteView bytes) {
  if (bytes.empty() || failed() || dropping_) {
    return;
  }
  if (ownsTail()) {
    appendCopy(bytes);
    return;
  }
  // The kernel only reads through this pointer; iovec serves both directions and has no const.
  addSlice({const_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  pending_ += bytes.size();
}

void Output::appendCopy(ByteView bytes) {
  if (bytes.empty() || failed() || dropping_) {
    return;
  }
  moveToTail(bytes.size());
  tail_.append(asText(bytes));
  pending_ += bytes.size();
}

std::span<const iovec> Output::pieces() noexcept {
  if (ownsTail()) {
    few_slices_[0] = {tail_.data() + tail_offset_, tail_.size() - tail_offset_};
    return {few_slices_.data(), 1};
  }
  const std::span<const iovec> all = slices();
  return all.first(std::min(all.size(), kMaxPieces));
}

void Output::onSent(long result) {
  if (result < 0 && result != -EAGAIN) {
    error_ = static_cast<int>(-result);
    clear();
    return;
  }
  const std::size_t sent = result < 0 ? 0 : static_cast<std::size_t>(result);
  const std::size_t offered = totalSize(pieces());
  check(sent <= offered, "more sent than was offered");
  blocked_ = sent < offered;
  dropFront(sent);
  if (blocked_) {
    moveToTail(0);  // The arena starts anew before the kernel will take the rest.
  }
}

std::span<const iovec> Output::slices() const noexcept {
  if (many_slices_.empty()) {
    return {few_slices_.data(), few_count_};
  }
  return many_slices_;
}

void Output::addSlice(iovec slice) {
  const std::span<const iovec> present = slices();
  if (!present.empty()) {
    iovec& last = many_slices_.empty() ? few_slices_[few_count_ - 1] : many_slices_.back();
    if (static_cast<std::uint8_t*>(last.iov_base) + last.iov_len == slice.iov_base) {
      last.iov_len += slice.iov_len;
      return;
    }
  }
  if (many_slices_.empty() && few_count_ < few_slices_.size()) {
    few_slices_[few_count_++] = slice;
    return;
  }
  if (many_slices_.empty()) {
    many_slices_.assign(present.begin(), present.end());
    few_count_ = 0;
  }
  many_slices_.push_back(slice);
}

void Output::dropFront(std::size_t bytes) {
  pending_ -= bytes;
  if (pending_ == 0) {
    clear();
    return;
  }
  if (ownsTail()) {
    tail_offset_ += bytes;
    return;
  }
  const std::span<const iovec> all = slices();
  std::size_t whole = 0;
  while (bytes >= all[whole].iov_len) {
    bytes -= all[whole].iov_len;
    ++whole;
  }
  std::vector<iovec> rest(all.begin() + static_cast<std::ptrdiff_t>(whole), all.end());
  rest.front().iov_base = static_cast<std::uint8_t*>(rest.front().iov_base) + bytes;
  rest.front().iov_len -= bytes;
  many_slices_ = std::move(rest);
  few_count_ = 0;
}

/// Makes the tail hold all that is pending, with room for `extra` bytes more.
void Output::moveToTail(std::size_t extra) {
  if (tail_offset_ > tail_.size() / 2) {
    tail_.erase(0, tail_offset_);  // Moves less than it frees: each byte is moved once on average.
    tail_offset_ = 0;
  }
  if (ownsTail()) {
    return;
  }
  tail_.reserve(pending_ + extra);
  for (const iovec& slice : slices()) {
    tail_.append(static_cast<const char*>(slice.iov_base), slice.iov_len);
  }
  std::vector<iovec>().swap(many_slices_);
  few_count_ = 0;
}

void Output::dropOutput() noexcept {
  dropping_ = true;
  clear();
}

void Output::clear() noexcept {
  pending_ = 0;
  blocked_ = false;
  few_count_ = 0;
  tail_offset_ = 0;
  std::vector<iovec>().swap(many_slices_);
  std::string().swap(tail_);
}

}  // namespace peerpool::event
