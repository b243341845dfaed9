#include "proxy/server/systemd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace peerpool::server {
namespace {

constexpr std::int64_t kMostSockets = 1000;
constexpr std::int64_t kLongestWatchdog = 86'400'000'000;

Error nonsense(const std::string& variable, const std::string& value) {
  return {ErrorCode::Refused, '$' + variable + " makes no sense: " + value};
}

std::optional<std::int64_t> numberIn(const std::string& text, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return good && value >= 0 && value <= most ? std::optional(value) : std::nullopt;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size() && !text.empty()) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

Result<ServiceEnvironment> parseServiceEnvironment(
    const std::function<std::string(const char*)>& get, pid_t own) {
  ServiceEnvironment result;
  result.notify_socket = get("NOTIFY_SOCKET");
  const std::string pid = std::to_string(own);
  const std::string watchdog = get("WATCHDOG_USEC");
  const std::string watchdog_pid = get("WATCHDOG_PID");
  if (!watchdog.empty() && (watchdog_pid.empty() || watchdog_pid == pid)) {
    const auto usec = numberIn(watchdog, kLongestWatchdog);
    if (!usec || *usec == 0) {
      return nonsense("WATCHDOG_USEC", watchdog);
    }
    result.watchdog = std::chrono::microseconds(*usec);
  }
  const std::string count_text = get("LISTEN_FDS");
  if (!count_text.empty() && get("LISTEN_PID") == pid) {
    const auto count = numberIn(count_text, kMostSockets);
    if (!count) {
      return nonsense("LISTEN_FDS", count_text);
    }
    result.socket_names = split(get("LISTEN_FDNAMES"));
    result.socket_names.resize(static_cast<std::size_t>(*count));
  }
  return result;
}

Result<ServiceEnvironment> readServiceEnvironment() {
  return parseServiceEnvironment(
      [](const char* variable) {
        const char* value = std::getenv(variable);
        return std::string(value == nullptr ? "" : value);
      },
      ::getpid());
}

std::vector<PassedSocket> takePassedSockets(const std::vector<std::string>& names, int first) {
  std::vector<PassedSocket> sockets;
  for (std::size_t i = 0; i < names.size(); ++i) {
    UniqueFd fd(first + static_cast<int>(i));
    ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    sockets.push_back({std::move(fd), names[i]});
  }
  return sockets;
}

void ServiceManager::notifyReloading(TimePoint now) const {
  // The clock of TimePoint is CLOCK_MONOTONIC; versions of systemd before 253 ignore the second
  // line.
  const auto since_boot =
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  (void)send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
}

void ServiceManager::notifyStatus(std::string_view text) const {
  std::string line(text.substr(0, text.find('\n')));
  (void)send("STATUS=" + line);
}

bool ServiceManager::send(const std::string& message) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) {
    return false;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') {
    address.sun_path[0] = '\0';
  }
  const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // A manager that hangs may cost the front door a moment, not more.
  const timeval patience{0, 200'000};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  return fd.valid() && ::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), size) >= 0;
}

}  // namespace peerpool::server
