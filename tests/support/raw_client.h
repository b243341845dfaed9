// A client that speaks bytes, for what libpq would never send. Blocking, with a deadline.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/base/unique_fd.h"
#include "tests/support/credentials.h"

namespace peerpool::testing {

inline constexpr std::uint32_t kProtocol30 = 0x00030000;
inline constexpr std::uint32_t kProtocol32 = 0x00030002;

/// A message as it came: type byte and body without the length.
struct RawMessage {
  char type = 0;
  std::string body;
  /// The field `code` of an ErrorResponse ('C' SQLSTATE, 'M' message); empty when missing.
  [[nodiscard]] std::string field(char code) const;
};

/// The types of `messages` in their order, with the SQLSTATE of each error: "TDCZ", "E(57014)Z".
[[nodiscard]] std::string typesOf(const std::vector<RawMessage>& messages);

/// The startup packet of protocol `version`.
[[nodiscard]] std::string startupPacket(
    std::uint32_t version, const std::vector<std::pair<std::string, std::string>>& parameters);
/// One message of the simple or extended protocol.
[[nodiscard]] std::string rawMessage(char type, std::string_view body);

/// `key` is the body of BackendKeyData.
[[nodiscard]] std::string cancelPacket(std::string_view key);

class RawClient {
 public:
  /// Connects to a stream socket file; throws std::system_error.
  explicit RawClient(const std::string& path, const std::optional<Credentials>& as = std::nullopt);

  /// Takes a socket that somebody else connects, or has connected.
  explicit RawClient(UniqueFd socket);

  /// False when the other side is gone.
  bool send(std::string_view bytes);
  /// Exactly `count` bytes, or fewer at the end of the stream or the deadline.
  [[nodiscard]] std::string receive(std::size_t count);
  /// All until the other side closes; nullopt when it has not by the deadline.
  [[nodiscard]] std::optional<std::string> receiveUntilClosed();
  /// One message; nullopt at the end of the stream or the deadline.
  [[nodiscard]] std::optional<RawMessage> receiveMessage();
  /// Messages up to and including one of `type` ('Z', 'E', ...), or to the end of the stream.
  [[nodiscard]] std::vector<RawMessage> receiveUntil(char type);
  /// True when nothing comes within `time`: neither bytes nor the end.
  [[nodiscard]] bool silentFor(std::chrono::milliseconds time) const;
  void shutdownWrite() const noexcept;
  void close() noexcept { fd_.reset(); }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace peerpool::testing
