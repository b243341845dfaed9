// Blocking socket calls with a receive timeout of the harness's patience.

#include "tests/support/raw_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "proxy/base/bytes.h"
#include "tests/support/process.h"

namespace peerpool::testing {

std::string RawMessage::field(char code) const {
  std::size_t position = 0;
  while (position < body.size() && body[position] != '\0') {
    const std::size_t end = body.find('\0', position + 1);
    if (body[position] == code) {
      return body.substr(position + 1, end - position - 1);
    }
    if (end == std::string::npos) {
      break;
    }
    position = end + 1;
  }
  return "";
}

std::string typesOf(const std::vector<RawMessage>& messages) {
  std::string all;
  for (const RawMessage& message : messages) {
    all += message.type == 'E' ? "E(" + message.field('C') + ")" : std::string(1, message.type);
  }
  return all;
}

std::string startupPacket(std::uint32_t version,
                          const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string packet(4, '\0');
  appendUint32(packet, version);
  for (const auto& [name, value] : parameters) {
    packet += name + '\0' + value + '\0';
  }
  packet += '\0';
  storeUint32(packet, 0, static_cast<std::uint32_t>(packet.size()));
  return packet;
}

std::string rawMessage(char type, std::string_view body) {
  std::string message(1, type);
  appendUint32(message, static_cast<std::uint32_t>(body.size() + 4));
  return message.append(body);
}

std::string cancelPacket(std::string_view key) {
  constexpr std::uint32_t kCancelRequestCode = 80877102;
  std::string packet;
  appendUint32(packet, static_cast<std::uint32_t>(8 + key.size()));
  appendUint32(packet, kCancelRequestCode);
  return packet.append(key);
}

RawClient::RawClient(const std::string& path, const std::optional<Credentials>& as)
    : RawClient(UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const ScopedCredentials guard(as);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect " + path);
  }
}

RawClient::RawClient(UniqueFd socket) : fd_(std::move(socket)) {
  const timeval patience{kPatience.count() / 1000, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string RawClient::receive(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = ::recv(fd_.get(), bytes.data() + filled, count - filled, 0);
    if (got <= 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

std::optional<std::string> RawClient::receiveUntilClosed() {
  std::string bytes;
  char buffer[16 * 1024];
  while (true) {
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) {
      return bytes;
    }
    if (got < 0) {
      return std::nullopt;
    }
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
}

std::optional<RawMessage> RawClient::receiveMessage() {
  const std::string header = receive(5);
  if (header.size() < 5) {
    return std::nullopt;
  }
  const std::uint32_t length = readUint32(asBytes(header).subspan(1));
  if (length < 4) {
    return std::nullopt;
  }
  RawMessage message{header[0], receive(length - 4)};
  if (message.body.size() != length - 4) {
    return std::nullopt;
  }
  return message;
}

std::vector<RawMessage> RawClient::receiveUntil(char type) {
  std::vector<RawMessage> messages;
  while (std::optional<RawMessage> message = receiveMessage()) {
    messages.push_back(*std::move(message));
    if (messages.back().type == type) {
      break;
    }
  }
  return messages;
}

bool RawClient::silentFor(std::chrono::milliseconds time) const {
  pollfd watched{fd_.get(), POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(time.count())) == 0;
}

void RawClient::shutdownWrite() const noexcept { ::shutdown(fd_.get(), SHUT_WR); }

}  // namespace peerpool::testing
