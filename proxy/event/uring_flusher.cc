// The only user of liburing.

#include "proxy/event/uring_flusher.h"

#include <liburing.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <vector>

#include "proxy/base/check.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::event {
namespace {

constexpr unsigned kRingSize = 256;  // Sends of one system call; a larger turn takes several.
constexpr int kSendFlags =
    MSG_DONTWAIT | MSG_NOSIGNAL;  // MSG_WAITALL would leave requests in flight.
constexpr long kNotSubmitted = std::numeric_limits<long>::min();

/// The ring and the memory its requests refer to.
class Ring {
 public:
  Ring() {
    const int result = ::io_uring_queue_init(kRingSize, &ring_, 0);
    if (result < 0) {
      throw std::system_error(-result, std::generic_category(), "io_uring_queue_init");
    }
  }
  ~Ring() { ::io_uring_queue_exit(&ring_); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /// Adds one send; at most kRingSize between two submissions. Its result goes to results()[count].
  void add(int fd, std::span<const iovec> pieces) noexcept {
    io_uring_sqe* request = ::io_uring_get_sqe(&ring_);
    if (pieces.size() == 1) {
      ::io_uring_prep_send(request, fd, pieces[0].iov_base, pieces[0].iov_len, kSendFlags);
    } else {
      msghdr& message = messages_[count_];
      message = {};
      message.msg_iov = const_cast<iovec*>(pieces.data());
      message.msg_iovlen = pieces.size();
      ::io_uring_prep_sendmsg(request, fd, &message, kSendFlags);
    }
    request->user_data = count_;
    results_[count_] = kNotSubmitted;
    ++count_;
  }

  /// Submits what was added and collects all results; false when the kernel stopped taking
  /// requests: the ring is then unusable and the rest of the results are kNotSubmitted.
  bool submit() noexcept {
    unsigned submitted = 0;
    while (submitted < count_) {
      const int result = ::io_uring_submit(&ring_);
      if (result == -EINTR) {
        continue;
      }
      if (result <= 0) {
        break;
      }
      submitted += static_cast<unsigned>(result);
    }
    collect(submitted);
    const bool complete = submitted == count_;
    count_ = 0;
    return complete;
  }

  [[nodiscard]] long result(std::size_t index) const noexcept { return results_[index]; }
  /// Results that were there without a wait, of the last submission.
  [[nodiscard]] unsigned inlineResults() const noexcept { return inline_results_; }

 private:
  void collect(unsigned expected) noexcept {
    inline_results_ = 0;
    bool waited = false;
    for (unsigned i = 0; i < expected;) {
      io_uring_cqe* completion = nullptr;
      if (::io_uring_peek_cqe(&ring_, &completion) != 0) {
        // Never seen with MSG_DONTWAIT; but the buffers must not be reused before the kernel is
        // done, and to send again what it may have sent would corrupt the stream.
        waited = true;
        const int result = ::io_uring_wait_cqe(&ring_, &completion);
        check(result == 0 || result == -EINTR, "io_uring lost a submitted send");
        if (result != 0) {
          continue;
        }
      }
      inline_results_ += waited ? 0 : 1;
      results_[completion->user_data] = completion->res;
      ::io_uring_cqe_seen(&ring_, completion);
      ++i;
    }
  }

  io_uring ring_{};
  unsigned count_ = 0;
  unsigned inline_results_ = 0;
  std::array<msghdr, kRingSize> messages_{};
  std::array<long, kRingSize> results_{};
};

/// Sends one byte into an empty socket and one into a full one: both must have their result at
/// once.
void probe(Ring& ring) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  const UniqueFd sender(pair[0]);
  const UniqueFd receiver(pair[1]);
  std::uint8_t byte = 1;
  const iovec piece{&byte, 1};
  ring.add(sender.get(), {&piece, 1});
  if (!ring.submit() || ring.result(0) != 1 || ring.inlineResults() != 1) {
    throw std::system_error(EOPNOTSUPP, std::generic_category(), "send over io_uring");
  }
  while (::send(sender.get(), &byte, 1, kSendFlags) == 1) {
  }
  ring.add(sender.get(), {&piece, 1});
  if (!ring.submit() || ring.result(0) != -EAGAIN || ring.inlineResults() != 1) {
    throw std::system_error(EOPNOTSUPP, std::generic_category(), "full send over io_uring");
  }
}

class UringFlusher final : public Flusher {
 public:
  explicit UringFlusher(std::size_t batch_from)
      : ring_(std::make_unique<Ring>()), batch_from_(batch_from) {
    probe(*ring_);
  }

  void flush(std::span<Output* const> outputs) override {
    if (outputs.size() < batch_from_) {
      sendEach(outputs);
      return;
    }
    while (!outputs.empty()) {
      const std::span<Output* const> batch =
          outputs.first(std::min<std::size_t>(outputs.size(), kRingSize));
      outputs = outputs.subspan(batch.size());
      if (ring_ == nullptr) {
        sendEach(batch);
      } else {
        sendBatch(batch);
      }
    }
  }

  [[nodiscard]] FlusherKind kind() const noexcept override { return FlusherKind::IoUring; }

 private:
  static void sendEach(std::span<Output* const> outputs) {
    for (Output* output : outputs) {
      sendNow(*output);
    }
  }

  void sendBatch(std::span<Output* const> batch) {
    for (Output* output : batch) {
      ring_->add(output->fd(), output->pieces());
    }
    const bool usable = ring_->submit();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const long result = ring_->result(i);
      if (result >= 0 || result == -EAGAIN) {
        batch[i]->onSent(result);
      } else {
        sendNow(*batch[i]);  // Not sent, or failed: the plain call is the judge of that.
      }
    }
    if (!usable) {
      ring_.reset();
    }
  }

  std::unique_ptr<Ring>
      ring_;  // Null once the kernel refused a submission: plain sends from then on.
  std::size_t batch_from_;
};

}  // namespace

std::unique_ptr<Flusher> makeUringFlusher(std::size_t batch_from) {
  return std::make_unique<UringFlusher>(batch_from);
}

}  // namespace peerpool::event
