// One thread, poll(2) over all connections.

#include "tests/support/impostor.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <vector>

#include "proxy/base/unique_fd.h"

namespace peerpool::testing {
namespace {

UniqueFd listenAt(const std::string& path) {
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the interface of bind(2).
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (!listener || ::bind(listener.get(), generic, sizeof address) != 0 ||
      ::chmod(path.c_str(), 0777) != 0 || ::listen(listener.get(), 512) != 0) {
    throw std::system_error(errno, std::generic_category(), "impostor at " + path);
  }
  return listener;
}

}  // namespace

struct Impostor::State {
  std::string path;
  Manner manner;
  UniqueFd listener;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> bytes{0};
  std::atomic<bool> stopping{false};
  std::thread thread;

  void serve() {
    std::vector<UniqueFd> open;
    while (!stopping) {
      std::vector<pollfd> watched{{listener.get(), POLLIN, 0}};
      for (const UniqueFd& fd : open) {
        watched.push_back({fd.get(), POLLIN, 0});
      }
      ::poll(watched.data(), watched.size(), 5);
      char buffer[4096];
      for (std::size_t i = open.size(); i > 0; --i) {
        const ssize_t count = ::recv(open[i - 1].get(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (count > 0) {
          bytes += static_cast<std::size_t>(count);
        } else if (count == 0 || errno != EAGAIN) {
          open.erase(open.begin() + static_cast<std::ptrdiff_t>(i - 1));
        }
      }
      UniqueFd next(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (next) {
        ++connections;
        if (manner == Manner::Listen) {
          open.push_back(std::move(next));
        }
      }
    }
  }
};

Impostor::Impostor(const std::string& path, Manner manner) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->manner = manner;
  state_->listener = listenAt(path);
  state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

Impostor::~Impostor() {
  state_->stopping = true;
  state_->thread.join();
  ::unlink(state_->path.c_str());
}

std::size_t Impostor::connections() const noexcept { return state_->connections; }

std::size_t Impostor::bytes() const noexcept { return state_->bytes; }

}  // namespace peerpool::testing
