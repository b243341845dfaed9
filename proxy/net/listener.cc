// accept4(2) until there is nothing, within the budget.

#include "proxy/net/listener.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "proxy/net/socket_options.h"

namespace peerpool::net {
namespace {

UniqueFd openReserve() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Listener::Listener(event::EventLoop& loop, UniqueFd socket, Callbacks callbacks)
    : Timer(loop.timers()),
      loop_(loop),
      socket_(std::move(socket)),
      reserve_(openReserve()),
      callbacks_(std::move(callbacks)) {
  // Inherited by connections from connect(2) on: even one that waits in the backlog can be sent to.
  refuseDescriptors(socket_.get());
  loop_.watch(socket_.get(), *this);
}

Listener::~Listener() { loop_.unwatch(socket_.get(), *this); }

void Listener::onEvent(event::Readiness /*readiness*/) {
  if (!armed()) {
    acceptInTurns();
  }
}

void Listener::onReady() { acceptInTurns(); }

void Listener::onTimer(TimePoint /*now*/) { acceptInTurns(); }

void Listener::acceptBacklog() {
  while (acceptSome()) {
  }
}

void Listener::acceptInTurns() {
  ReadyNode::unlink();
  if (acceptSome()) {
    loop_.markReady(*this);
  }
}

bool Listener::acceptSome() {
  for (int count = 0; count < kAcceptsPerTurn; ++count) {
    UniqueFd accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted) {
      refuseDescriptors(accepted.get());  // It may have connected before this listener was made.
      ++in_a_row_;
      callbacks_.on_accepted(std::move(accepted));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) {
      continue;
    }
    if (errno == EAGAIN) {
      in_a_row_ = 0;
    } else {
      // EMFILE, ENFILE, ENOBUFS, ENOMEM: there is no edge when that is over.
      const int error = errno;
      for (bool more = error == EMFILE || error == ENFILE; more && count < kAcceptsPerTurn;
           ++count) {
        more = turnOneAway();
      }
      set(loop_.now() + kPause);
      if (callbacks_.on_exhausted) {
        callbacks_.on_exhausted(error);
      }
    }
    return false;
  }
  return true;
}

/// False when there is nobody, or somebody else in the process was faster to take the descriptor.
bool Listener::turnOneAway() {
  if (!reserve_) {
    reserve_ = openReserve();
  }
  if (!reserve_) {
    return false;
  }
  reserve_.reset();
  const bool accepted =
      UniqueFd(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)).valid();
  reserve_ = openReserve();
  return accepted;
}

}  // namespace peerpool::net
