#include "proxy/server/passed_sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace peerpool::server {
namespace {

constexpr int kBacklog = 4096;  // As a socket file of our own; the kernel cuts it to somaxconn.

[[noreturn]] void refuse(const PassedSocket& socket, const std::string& why) {
  throw std::runtime_error("socket " + std::to_string(socket.fd.get()) +
                           (socket.name.empty() ? "" : " (" + socket.name + ')') +
                           " that the service manager passed " + why);
}

int optionOf(const PassedSocket& socket, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(socket.fd.get(), SOL_SOCKET, option, &value, &size) != 0) {
    refuse(socket, "is none: " + std::generic_category().message(errno));
  }
  return value;
}

std::string pathOf(const PassedSocket& socket) {
  if (optionOf(socket, SO_DOMAIN) != AF_UNIX) {
    refuse(socket, "is no Unix socket");
  }
  if (optionOf(socket, SO_TYPE) != SOCK_STREAM || optionOf(socket, SO_ACCEPTCONN) == 0) {
    refuse(socket, "is no listening stream socket (ListenStream=, Accept=no)");
  }
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      size <= offsetof(sockaddr_un, sun_path) || address.sun_path[0] == '\0') {
    refuse(socket, "has no path in the file system");
  }
  const std::size_t most = size - offsetof(sockaddr_un, sun_path);
  return std::string(address.sun_path, ::strnlen(address.sun_path, most));
}

const config::Listener& listenerOf(const PassedSocket& socket, const std::string& path,
                                   const config::Config& config) {
  const auto found =
      std::find_if(config.listeners.begin(), config.listeners.end(),
                   [&](const config::Listener& listener) { return listener.path == path; });
  if (found != config.listeners.end()) {
    return *found;
  }
  if (const config::Listener* named = config::findListener(config, socket.name)) {
    refuse(socket, "is bound to " + path + ", but the listener " + named->name + " has path " +
                       named->path);
  }
  refuse(socket, "is bound to " + path +
                     ", which is no listener's path; add the listener, or take the socket out of "
                     "the socket unit");
}

std::string modeText(mode_t mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode));
  return text;
}

}  // namespace

PassedSockets::PassedSockets(std::vector<PassedSocket> sockets, const config::Config& config) {
  for (PassedSocket& socket : sockets) {
    const std::string path = pathOf(socket);
    const config::Listener& listener = listenerOf(socket, path, config);
    if (by_path_.count(path) != 0) {
      refuse(socket, "is the second one for " + path);
    }
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0 && (facts.st_mode & 07777) != listener.mode) {
      warnings_.push_back("the socket unit gave " + path + " mode " +
                          modeText(facts.st_mode & 07777) + ", listeners." + listener.name +
                          ".mode says " + modeText(listener.mode));
    }
    by_path_.emplace(path, std::move(socket.fd));
  }
}

UniqueFd PassedSockets::take(const config::Listener& listener) {
  const auto found = by_path_.find(listener.path);
  if (found == by_path_.end()) {
    return {};
  }
  UniqueFd fd = std::move(found->second);
  by_path_.erase(found);
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot listen on " + listener.path);
  }
  return fd;
}

}  // namespace peerpool::server
