// The connection of a command to the running process.

#include "proxy/server/control_client.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <ostream>
#include <string_view>
#include <system_error>

#include "proxy/base/unique_fd.h"
#include "proxy/net/address.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/runtime_directory.h"

namespace peerpool::server {
namespace {

/// Far above what any number of clients takes, and still bounded.
constexpr std::size_t kMaxAnswer = std::size_t{256} << 20;

Error systemError(int error, const std::string& what) {
  return {ErrorCode::System, what + ": " + std::generic_category().message(error)};
}

/// Of a connection that the other end may have closed before it read everything.
Error talkError(int error, const std::string& what) {
  if (error == EPIPE || error == ECONNRESET) {
    return {ErrorCode::Closed, "closed without an answer: too many ask at once, or it stops"};
  }
  return systemError(error, what);
}

Error connectError(int error, const std::string& path) {
  if (error == ENOENT || error == ECONNREFUSED) {
    return {ErrorCode::Unreachable, "not running: nobody answers at " + path};
  }
  if (error == EACCES) {
    return {ErrorCode::Denied, "only root and the service's account may ask at " + path};
  }
  return systemError(error, "connect to " + path);
}

Result<UniqueFd> connectTo(const std::string& path, Duration patience) {
  const net::UnixAddress address(path);
  if (address.error() != 0) {
    return connectError(address.error(), path);
  }
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) {
    return systemError(errno, "socket");
  }
  const timeval timeout{patience.count() / 1000, patience.count() % 1000 * 1000};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (::connect(fd.get(), address.get(), address.size()) != 0) {
    return connectError(errno, path);
  }
  return fd;
}

Result<std::string> readAll(int fd) {
  std::string answer;
  std::array<char, 65536> piece;
  while (answer.size() <= kMaxAnswer) {
    const ssize_t got = ::recv(fd, piece.data(), piece.size(), 0);
    if (got > 0) {
      answer.append(piece.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      return answer;
    } else if (errno == EAGAIN) {
      return Error{ErrorCode::TimedOut, "no answer in time"};
    } else if (errno != EINTR) {
      return talkError(errno, "read the answer");
    }
  }
  return Error{ErrorCode::Limit, "the answer is too long"};
}

}  // namespace

Result<std::string> askRunning(const std::string& path, const std::string& request,
                               Duration patience) {
  const Result<UniqueFd> fd = connectTo(path, patience);
  if (!fd) {
    return fd.error();
  }
  const std::string line = request + '\n';
  if (::send(fd->get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) {
    return talkError(errno, "send the request");
  }
  Result<std::string> answer = readAll(fd->get());
  if (answer && answer->empty()) {
    return talkError(EPIPE, "read the answer");
  }
  return answer;
}

int exitCode(const Error& error) {
  switch (error.code) {
    case ErrorCode::Denied:
      return kExitDenied;
    case ErrorCode::System:
    case ErrorCode::Unreachable:
    case ErrorCode::Impostor:
    case ErrorCode::Unproven:
    case ErrorCode::Refused:
    case ErrorCode::Protocol:
    case ErrorCode::TimedOut:
    case ErrorCode::Limit:
    case ErrorCode::Closed:
      return kExitUnavailable;
  }
  return kExitUnavailable;
}

std::string controlSocketPath(const Options& options, std::ostream& err) {
  const std::string directory = runtimeDirectory(runtimePlace(options.runtime_directory));
  if (directory.empty()) {
    err << "peerpool: no runtime directory\n"
           "  hint: give --runtime-dir DIR, or set $XDG_RUNTIME_DIR\n";
    return {};
  }
  return statusSocketPath(directory, options.config);
}

}  // namespace peerpool::server
