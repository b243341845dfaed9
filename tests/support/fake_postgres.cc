// The listening socket of the fake and its list of sessions.

#include "tests/support/fake_postgres.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace peerpool::testing {

FakePostgres::FakePostgres(std::string path) : path_(std::move(path)) { start(); }

FakePostgres::~FakePostgres() { stop(); }

void FakePostgres::start() {
  UniqueFd made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
  if (!made || ::bind(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(made.get(), 64) != 0) {
    throw std::system_error(errno, std::generic_category(), "fake backend at " + path_);
  }
  listener_ = std::move(made);
}

void FakePostgres::stop() {
  sessions_.clear();
  if (listener_) {
    listener_.reset();
    ::unlink(path_.c_str());
  }
}

void FakePostgres::accept() {
  std::erase_if(sessions_, [](const auto& session) { return session->gone(); });
  while (listener_) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
      return;
    }
    FakeOwner& owner = *this;
    sessions_.push_back(std::make_unique<FakeSession>(owner, std::move(fd), ++last_pid_));
  }
}

void FakePostgres::step(TimePoint now) {
  accept();
  for (const auto& session : sessions_) {
    session->step(now);
  }
}

void FakePostgres::cancel(std::uint32_t pid, std::string_view key) {
  for (const auto& session : sessions_) {
    if (!session->gone() && session->loggedIn() && session->pid() == pid && session->key() == key) {
      ++cancels;
      session->cancel();
    }
  }
}

}  // namespace peerpool::testing
