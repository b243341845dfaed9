// Sockets and the loop's descriptors.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <cstdarg>
#include <map>

#include "tests/faults/real_call.h"

namespace peerpool::faults {
namespace {

struct Watched {
  int epoll = -1;
  epoll_event event{};
};

/// Descriptors that are watched, and those for which a made-up EAGAIN owes an event.
struct Watching {
  std::map<int, Watched> all;
  std::map<int, Watched> owed;
};

Watching& watching() {
  static Watching instance;
  return instance;
}

}  // namespace

void oweWritable(int fd) {
  const auto watched = watching().all.find(fd);
  if (watched != watching().all.end()) {
    watching().owed[fd] = watched->second;
  }
}

}  // namespace peerpool::faults

using peerpool::faults::fails;
using peerpool::faults::Injector;
using peerpool::faults::kShort;
using peerpool::faults::oweWritable;
using peerpool::faults::realCall;
using peerpool::faults::watching;

extern "C" {

int epoll_create1(int flags) noexcept {
  return fails("epoll_create1", {EMFILE, ENFILE, ENOMEM})
             ? -1
             : realCall<decltype(::epoll_create1)>("epoll_create1")(flags);
}

int eventfd(unsigned count, int flags) noexcept {
  return fails("eventfd", {EMFILE, ENFILE, ENOMEM, ENODEV})
             ? -1
             : realCall<decltype(::eventfd)>("eventfd")(count, flags);
}

int signalfd(int fd, const sigset_t* mask, int flags) noexcept {
  return fails("signalfd", {EMFILE, ENFILE, ENOMEM, ENODEV})
             ? -1
             : realCall<decltype(::signalfd)>("signalfd")(fd, mask, flags);
}

int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  // Taking out and changing cannot fail for a descriptor that is in.
  if (operation == EPOLL_CTL_ADD && fails("epoll_ctl", {ENOMEM, ENOSPC})) {
    return -1;
  }
  if (operation == EPOLL_CTL_ADD) {
    watching().all[fd] = {epoll, *event};
  } else if (operation == EPOLL_CTL_DEL) {
    watching().all.erase(fd);
    watching().owed.erase(fd);
  }
  return realCall<decltype(::epoll_ctl)>("epoll_ctl")(epoll, operation, fd, event);
}

int epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  for (auto& [fd, watched] : watching().owed) {
    realCall<decltype(::epoll_ctl)>("epoll_ctl")(watched.epoll, EPOLL_CTL_MOD, fd, &watched.event);
  }
  watching().owed.clear();
  const int way = Injector::instance().next("epoll_wait", {EINTR, kShort});
  if (way == EINTR) {
    errno = EINTR;
    return -1;
  }
  return realCall<decltype(::epoll_wait)>("epoll_wait")(epoll, events, way == kShort ? 1 : most,
                                                        timeout);
}

int socket(int domain, int type, int protocol) noexcept {
  return fails("socket", {EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES})
             ? -1
             : realCall<decltype(::socket)>("socket")(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int pair[2]) noexcept {
  return fails("socketpair", {EMFILE, ENFILE, ENOBUFS, ENOMEM})
             ? -1
             : realCall<decltype(::socketpair)>("socketpair")(domain, type, protocol, pair);
}

int connect(int fd, const sockaddr* address, socklen_t size) {
  return fails("connect", {EINTR, EAGAIN, ECONNREFUSED, ENOENT, EACCES, ENOMEM, EPROTOTYPE})
             ? -1
             : realCall<decltype(::connect)>("connect")(fd, address, size);
}

int bind(int fd, const sockaddr* address, socklen_t size) noexcept {
  return fails("bind", {EADDRINUSE, EACCES, ENOSPC, EROFS, ENOMEM, ENOENT})
             ? -1
             : realCall<decltype(::bind)>("bind")(fd, address, size);
}

int listen(int fd, int backlog) noexcept {
  return fails("listen", {EADDRINUSE, ENOMEM})
             ? -1
             : realCall<decltype(::listen)>("listen")(fd, backlog);
}

int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  return fails("accept4", {EINTR, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM})
             ? -1
             : realCall<decltype(::accept4)>("accept4")(fd, address, size, flags);
}

int shutdown(int fd, int how) noexcept {
  return fails("shutdown", {ENOTCONN}) ? -1 : realCall<decltype(::shutdown)>("shutdown")(fd, how);
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t size) noexcept {
  return fails("setsockopt", {ENOPROTOOPT, EINVAL, ENOMEM})
             ? -1
             : realCall<decltype(::setsockopt)>("setsockopt")(fd, level, name, value, size);
}

int getsockopt(int fd, int level, int name, void* value, socklen_t* size) noexcept {
  return fails("getsockopt", {EINVAL, ENOMEM, ENOTCONN})
             ? -1
             : realCall<decltype(::getsockopt)>("getsockopt")(fd, level, name, value, size);
}

ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  return fails("recv", {EINTR, ECONNRESET, ENOMEM})
             ? -1
             : realCall<decltype(::recv)>("recv")(fd, buffer, size, flags);
}

ssize_t send(int fd, const void* buffer, size_t size, int flags) {
  return fails("send", {EAGAIN, EPIPE, ENOBUFS})
             ? -1
             : realCall<decltype(::send)>("send")(fd, buffer, size, flags);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  const int way =
      Injector::instance().next("sendmsg", {EINTR, EAGAIN, EPIPE, ECONNRESET, ENOBUFS, kShort});
  if (way == kShort) {
    return realCall<decltype(::send)>("send")(fd, message->msg_iov[0].iov_base, 1, flags);
  }
  if (way == EAGAIN) {
    oweWritable(fd);
  }
  if (way != 0) {
    errno = way;
    return -1;
  }
  return realCall<decltype(::sendmsg)>("sendmsg")(fd, message, flags);
}

int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return fails("ioctl", {EINVAL, ENOTTY})
             ? -1
             : realCall<decltype(::ioctl)>("ioctl")(fd, request, argument);
}

int eventfd_write(int fd, eventfd_t value) noexcept {
  return fails("eventfd_write", {EAGAIN})
             ? -1
             : realCall<decltype(::eventfd_write)>("eventfd_write")(fd, value);
}
}
