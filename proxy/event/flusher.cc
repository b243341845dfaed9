// The plain flusher and the choice between the two.

#include "proxy/event/flusher.h"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "proxy/event/uring_flusher.h"

namespace peerpool::event {
namespace {

class SendFlusher final : public Flusher {
 public:
  void flush(std::span<Output* const> outputs) override {
    for (Output* output : outputs) {
      sendNow(*output);
    }
  }
  [[nodiscard]] FlusherKind kind() const noexcept override { return FlusherKind::Send; }
};

}  // namespace

void sendNow(Output& output) {
  const std::span<const iovec> pieces = output.pieces();
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(output.fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  output.onSent(sent < 0 ? -errno : sent);
}

std::unique_ptr<Flusher> makeFlusher(FlusherKind wanted, std::size_t batch_from) {
  if (wanted == FlusherKind::Send) {
    return std::make_unique<SendFlusher>();
  }
  try {
    return makeUringFlusher(batch_from);
  } catch (const std::system_error&) {
    // Many hardened hosts disable io_uring: that is a normal place to run, not a failure.
    if (wanted == FlusherKind::IoUring) {
      throw;
    }
    return std::make_unique<SendFlusher>();
  }
}

}  // namespace peerpool::event
