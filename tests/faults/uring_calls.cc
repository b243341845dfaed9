// The calls of liburing that the flusher makes. A send that is to fail is not done: a request that
// does nothing takes its place, and its result is rewritten.

#include <liburing.h>

#include "tests/faults/real_call.h"

using peerpool::faults::Injector;
using peerpool::faults::kShort;
using peerpool::faults::oweWritable;
using peerpool::faults::realCall;

namespace {

io_uring_sqe& lastRequest(io_uring& ring) {
  return ring.sq.sqes[(ring.sq.sqe_tail - 1) & *ring.sq.kring_mask];
}

// Only the first byte of what it has.
void shorten(io_uring_sqe& request) {
  if (request.opcode == IORING_OP_SENDMSG) {
    const auto* message = reinterpret_cast<const msghdr*>(request.addr);
    request.opcode = IORING_OP_SEND;
    request.addr = reinterpret_cast<std::uintptr_t>(message->msg_iov[0].iov_base);
  }
  request.len = 1;
}

void rewriteResult(io_uring& ring, std::uint64_t request, int result) {
  for (unsigned at = *ring.cq.khead; at != *ring.cq.ktail; ++at) {
    io_uring_cqe& completion = ring.cq.cqes[at & *ring.cq.kring_mask];
    if (completion.user_data == request) {
      completion.res = result;
    }
  }
}

}  // namespace

extern "C" {

int io_uring_queue_init(unsigned entries, io_uring* ring, unsigned flags) {
  const int way =
      Injector::instance().next("io_uring_queue_init", {ENOSYS, EPERM, EMFILE, ENOMEM, EACCES});
  return way > 0 ? -way
                 : realCall<decltype(::io_uring_queue_init)>("io_uring_queue_init")(entries, ring,
                                                                                    flags);
}

int io_uring_submit(io_uring* ring) {
  auto* submit = realCall<decltype(::io_uring_submit)>("io_uring_submit");
  const int way = Injector::instance().next("io_uring_submit", {EINTR, EAGAIN, EBUSY, ENOMEM});
  if (way > 0) {
    return -way;
  }
  if (ring->sq.sqe_tail == ring->sq.sqe_head) {
    return submit(ring);
  }
  io_uring_sqe& request = lastRequest(*ring);
  const int result = Injector::instance().next(
      "send over io_uring", {EAGAIN, EPIPE, ECONNRESET, ENOBUFS, EINTR, ECANCELED, kShort});
  if (result == kShort) {
    shorten(request);
  }
  if (result <= 0) {
    return submit(ring);
  }
  const std::uint64_t number = request.user_data;
  if (result == EAGAIN) {
    oweWritable(request.fd);
  }
  io_uring_prep_nop(&request);
  request.user_data = number;
  const int submitted = submit(ring);
  rewriteResult(*ring, number, -result);
  return submitted;
}
}
