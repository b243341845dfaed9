// Two connected stream sockets, and the plain reads and writes of a test's end. No event loop.

#pragma once

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "proxy/base/unique_fd.h"

namespace peerpool::testing {

/// `ours` goes to what is tested, `theirs` stays with the test; neither blocks.
struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;

  /// `send_buffer`: SO_SNDBUF of both in bytes, 0 for the system's; the kernel rounds it up.
  explicit SocketPair(int send_buffer = 0) {
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0) {
      throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
    for (const int fd : fds) {
      if (send_buffer > 0) {
        ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
      }
    }
  }
};

/// How many bytes of `text` the socket took at once.
inline std::size_t sendSome(int fd, std::string_view text) {
  const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

/// What is in the socket now; nullopt at the end of the stream or after a reset.
inline std::optional<std::string> receiveSome(int fd, std::size_t limit = 65536) {
  std::string text(limit, '\0');
  const ssize_t received = ::recv(fd, text.data(), text.size(), MSG_DONTWAIT);
  if (received == 0 || (received < 0 && errno != EAGAIN)) {
    return std::nullopt;
  }
  text.resize(received < 0 ? 0 : static_cast<std::size_t>(received));
  return text;
}

/// All that is in the socket now.
inline std::string receiveAll(int fd) {
  std::string all;
  while (const std::optional<std::string> some = receiveSome(fd)) {
    if (some->empty()) {
      break;
    }
    all += *some;
  }
  return all;
}

}  // namespace peerpool::testing
