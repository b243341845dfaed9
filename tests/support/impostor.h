// A listener where a backend should be: keeps count of who comes and what they say.

#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace peerpool::testing {

/// Listens from when it is made until it is destroyed, which removes its socket. Runs as this
/// process; a thread of its own serves it.
class Impostor {
 public:
  enum class Manner {
    Listen,  ///< Keeps connections and says nothing.
    Close,   ///< Ends each connection at once.
  };
  /// Throws std::system_error when it cannot listen at `path`.
  Impostor(const std::string& path, Manner manner);
  ~Impostor();
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

  [[nodiscard]] std::size_t connections() const noexcept;
  /// Bytes that it was sent, over all connections.
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peerpool::testing
