// signalfd(2).

#include "proxy/event/signals.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace peerpool::event {
namespace {

sigset_t setOf(std::initializer_list<int> signals) noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) {
    ::sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

void Signals::block(std::initializer_list<int> signals) {
  const sigset_t set = setOf(signals);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
    throw std::system_error(error, std::generic_category(), "pthread_sigmask");
  }
}

Signals::Signals(EventLoop& loop, std::initializer_list<int> signals,
                 std::function<void(int)> handler)
    : loop_(loop), handler_(std::move(handler)) {
  const sigset_t set = setOf(signals);
  fd_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd_) {
    throw std::system_error(errno, std::generic_category(), "signalfd");
  }
  loop_.watch(fd_.get(), *this);
}

Signals::~Signals() { loop_.unwatch(fd_.get(), *this); }

void Signals::onEvent(Readiness /*readiness*/) {
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    handler_(static_cast<int>(info.ssi_signo));
  }
}

}  // namespace peerpool::event
