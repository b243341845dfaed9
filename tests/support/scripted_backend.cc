// One thread, poll(2), blocking sends: its answers are small.

#include "tests/support/scripted_backend.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

#include "proxy/base/bytes.h"
#include "proxy/base/unique_fd.h"
#include "tests/support/raw_client.h"

namespace peerpool::testing {
namespace {

constexpr std::string_view kPid("\0\0\0\1", 4);
constexpr std::uint32_t kCancelCode = 80877102;

UniqueFd listenAt(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), 64) != 0) {
    throw std::system_error(errno, std::generic_category(), "listen at " + path);
  }
  return fd;
}

struct Connection {
  UniqueFd fd;
  std::string input;
  bool logged_in = false;
};

}  // namespace

std::string commandComplete(const std::string& tag) { return rawMessage('C', tag + '\0'); }

std::string parameterStatus(const std::string& name, const std::string& value) {
  return rawMessage('S', name + '\0' + value + '\0');
}

std::string readyForQuery(char status) { return rawMessage('Z', std::string(1, status)); }

std::string errorResponse(const std::string& sqlstate) {
  return rawMessage('E', "SERROR" + std::string(1, '\0') + "VERROR" + '\0' + 'C' + sqlstate + '\0' +
                             "Mscripted" + std::string(2, '\0'));
}

struct ScriptedBackend::State {
  UniqueFd listener;
  UniqueFd stop{::eventfd(0, EFD_CLOEXEC)};
  std::string parameters;
  Answer answer;
  Greet greet;
  std::mutex mutex;
  std::vector<std::string> cancels;  // Under the mutex.
  std::atomic<std::size_t> logins{0};
  std::atomic<bool> passes_descriptors{false};
  std::vector<Connection> connections;
  std::thread thread;

  void run();
  bool serve(Connection& connection);
  [[nodiscard]] bool send(int fd, const std::string& out) const;
  [[nodiscard]] std::string takeAnswer(Connection& connection);
  [[nodiscard]] std::string begin(Connection& connection, std::string_view packet);
};

ScriptedBackend::ScriptedBackend(const std::string& path,
                                 std::vector<std::pair<std::string, std::string>> parameters,
                                 Answer answer)
    : ScriptedBackend(path, std::move(parameters), std::move(answer), [](std::uint32_t) {
        return Welcome{{}, "key!"};
      }) {}

ScriptedBackend::ScriptedBackend(const std::string& path,
                                 std::vector<std::pair<std::string, std::string>> parameters,
                                 Answer answer, Greet greet)
    : state_(std::make_unique<State>()) {
  state_->listener = listenAt(path);
  state_->answer = std::move(answer);
  state_->greet = std::move(greet);
  for (const auto& [name, value] : parameters) {
    state_->parameters += parameterStatus(name, value);
  }
  state_->thread = std::thread([this] { state_->run(); });
}

ScriptedBackend::~ScriptedBackend() {
  ::eventfd_write(state_->stop.get(), 1);
  state_->thread.join();
}

std::size_t ScriptedBackend::logins() const noexcept { return state_->logins; }

void ScriptedBackend::passDescriptors() noexcept { state_->passes_descriptors = true; }

std::vector<std::string> ScriptedBackend::cancels() const {
  const std::lock_guard lock(state_->mutex);
  return state_->cancels;
}

std::string ScriptedBackend::behave(char type, std::string_view body) {
  if (type != 'Q') {
    return {};
  }
  const std::string tag = body.substr(0, 11) == "DISCARD ALL" ? "DISCARD ALL"
                          : body.substr(0, 4) == "SET "       ? "SET"
                                                              : "SELECT 0";
  return commandComplete(tag) + readyForQuery();
}

void ScriptedBackend::State::run() {
  while (true) {
    std::vector<pollfd> watched = {{stop.get(), POLLIN, 0}, {listener.get(), POLLIN, 0}};
    for (const Connection& connection : connections) {
      watched.push_back({connection.fd.get(), POLLIN, 0});
    }
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      return;
    }
    if (watched[0].revents != 0) {
      return;
    }
    for (std::size_t i = watched.size(); i > 2; --i) {
      if (watched[i - 1].revents != 0 && !serve(connections[i - 3])) {
        connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i - 3));
      }
    }
    if (watched[1].revents != 0) {
      connections.push_back(
          {UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)), {}, false});
    }
  }
}

// False: the connection is over.
bool ScriptedBackend::State::serve(Connection& connection) {
  char piece[4096];
  const ssize_t got = ::recv(connection.fd.get(), piece, sizeof piece, 0);
  if (got <= 0) {
    return false;
  }
  connection.input.append(piece, static_cast<std::size_t>(got));
  const std::string out = takeAnswer(connection);
  return send(connection.fd.get(), out) && connection.input.substr(0, 1) != "X";
}

bool ScriptedBackend::State::send(int fd, const std::string& out) const {
  const std::array<int, 8> passed = {fd, fd, fd, fd, fd, fd, fd, fd};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof passed)] = {};
  iovec piece{const_cast<char*>(out.data()), out.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (passes_descriptors && !out.empty()) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof passed);
    std::memcpy(CMSG_DATA(header), passed.data(), sizeof passed);
  }
  const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
  // A socket that takes no descriptors (SO_PASSRIGHTS off) says so.
  return sent == static_cast<ssize_t>(out.size()) ||
         (sent < 0 && errno == EPERM &&
          ::send(fd, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size()));
}

// To all whole messages that have come.
std::string ScriptedBackend::State::takeAnswer(Connection& connection) {
  std::string out;
  std::string& input = connection.input;
  while (true) {
    const std::size_t type = connection.logged_in ? 1 : 0;
    const std::size_t length =
        input.size() < type + 4 ? 0 : type + readUint32(asBytes(input).subspan(type));
    if (length == 0 || input.size() < length || input[0] == 'X') {
      return out;
    }
    out += connection.logged_in ? answer(input[0], std::string_view(input).substr(5, length - 5))
                                : begin(connection, std::string_view(input).substr(0, length));
    input.erase(0, length);
    if (!connection.logged_in) {
      input = "X";  // It is over.
    }
  }
}

std::string ScriptedBackend::State::begin(Connection& connection, std::string_view packet) {
  const std::uint32_t code = readUint32(asBytes(packet).subspan(4));
  if (code == kCancelCode) {
    const std::lock_guard lock(mutex);
    cancels.emplace_back(packet.substr(8));
    return {};
  }
  logins += 1U;
  const Welcome welcome = greet(code);
  if (welcome.refused) {
    return welcome.before;
  }
  connection.logged_in = true;
  return welcome.before + rawMessage('R', std::string(4, '\0')) + parameters +
         rawMessage('K', std::string(kPid) + welcome.key) + readyForQuery();
}

}  // namespace peerpool::testing
