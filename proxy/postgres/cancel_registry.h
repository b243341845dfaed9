// The cancel keys of one worker's clients: which session a CancelRequest means.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/base/bytes.h"
#include "proxy/base/clock.h"
#include "proxy/base/ids.h"

namespace peerpool::postgres {

/// What BackendKeyData tells a client about itself.
struct CancelKey {
  std::uint32_t pid = 0;  ///< No process: names the session. At most 31 bits, as drivers expect.
  std::string key;        ///< A secret.
};

/// Lives on its worker. Keys are the proxy's own: those of the backend are no client's business.
class CancelRegistry {
 public:
  /// A new key of `length` bytes from the kernel's random source, until remove(). Throws
  /// std::system_error when the kernel gives none.
  [[nodiscard]] CancelKey add(ClientId client, std::size_t length);
  void remove(std::uint32_t pid) noexcept;

  /// None: no client has this key, every byte of it. Takes equally long for every wrong key of the
  /// right length, which is no secret.
  [[nodiscard]] std::optional<ClientId> find(std::uint32_t pid,
                                             std::string_view key) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    ClientId client;
    std::string key;
  };
  std::unordered_map<std::uint32_t, Entry> entries_;
};

/// How often each uid has been wrong: whoever guesses keys is not heard for a while.
class CancelGuesses {
 public:
  static constexpr std::size_t kMost = 10;  ///< Wrong ones of a uid in each window.
  static constexpr Duration kWindow{1000};
  static constexpr std::size_t kMaxUids = 1024;  ///< More are not heard until a window ends.

  /// Are requests of `uid` heard at `now`?
  [[nodiscard]] bool hears(std::uint32_t uid, TimePoint now);
  void wrong(std::uint32_t uid, TimePoint now);

 private:
  struct Window {
    TimePoint end;
    std::size_t count = 0;
  };
  void forgetEnded(TimePoint now);
  std::unordered_map<std::uint32_t, Window> windows_;
};

}  // namespace peerpool::postgres
