// A backend that says what a test wants it to say, where a real PostgreSQL never would.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peerpool::testing {

/// Messages of a server, complete.
[[nodiscard]] std::string commandComplete(const std::string& tag);
[[nodiscard]] std::string parameterStatus(const std::string& name, const std::string& value);
[[nodiscard]] std::string readyForQuery(char status = 'I');
/// ErrorResponse of severity ERROR.
[[nodiscard]] std::string errorResponse(const std::string& sqlstate);

/// Listens on a socket file and serves all connections on one thread, until it is destroyed. Lets
/// everybody in.
class ScriptedBackend {
 public:
  /// The answer to one message of the client; nullopt-like silence is an empty answer. Called on
  /// the backend's thread.
  using Answer = std::function<std::string(char type, std::string_view body)>;

  /// `path`: where to listen. `parameters`: reported at login.
  ScriptedBackend(const std::string& path,
                  std::vector<std::pair<std::string, std::string>> parameters, Answer answer);

  /// What a login is answered in the protocol `version` that it asks for (0x00030000 is 3.0).
  struct Welcome {
    std::string before;    ///< Messages before AuthenticationOk.
    std::string key = {};  ///< Secret part of BackendKeyData.
    bool refused = false;  ///< `before` is all, then it closes.
  };
  using Greet = std::function<Welcome(std::uint32_t version)>;
  /// The same, with logins of the test. Called on the backend's thread.
  ScriptedBackend(const std::string& path,
                  std::vector<std::pair<std::string, std::string>> parameters, Answer answer,
                  Greet greet);
  ~ScriptedBackend();
  ScriptedBackend(const ScriptedBackend&) = delete;
  ScriptedBackend& operator=(const ScriptedBackend&) = delete;

  /// From now on each answer brings a few descriptors along (SCM_RIGHTS).
  void passDescriptors() noexcept;
  /// What came behind the code of CancelRequests: process id and key of each.
  [[nodiscard]] std::vector<std::string> cancels() const;
  /// Logins up to now.
  [[nodiscard]] std::size_t logins() const noexcept;
  /// What a well-behaved one answers to a simple query: to DISCARD ALL and SET their tags, to any
  /// other a SELECT of no rows.
  [[nodiscard]] static std::string behave(char type, std::string_view body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peerpool::testing
