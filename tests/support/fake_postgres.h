// A backend that a test steps: a real listening socket, and sessions that live on the test's
// thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/fake_session.h"

namespace peerpool::testing {

class FakePostgres final : private FakeOwner {
 public:
  /// Listens on `path`, which must not exist; throws std::system_error.
  explicit FakePostgres(std::string path);
  ~FakePostgres();
  FakePostgres(const FakePostgres&) = delete;
  FakePostgres& operator=(const FakePostgres&) = delete;

  /// Takes everybody in the backlog and forgets who is gone.
  void accept();
  /// Accepts, and lets every session do what it can.
  void step(TimePoint now);

  /// Its sessions end, its socket file goes.
  void stop();
  void start();
  [[nodiscard]] bool running() const noexcept { return static_cast<bool>(listener_); }

  /// Those that log in and those that only cancel are among them.
  [[nodiscard]] std::vector<std::unique_ptr<FakeSession>>& sessions() noexcept { return sessions_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Decides about each login; empty: all are accepted.
  std::function<FakeLogin()> on_login;
  /// Each is a finding.
  std::vector<std::string> complaints;
  std::size_t cancels = 0;  ///< Requests that named a session.

 private:
  FakeLogin nextLogin() override { return on_login ? on_login() : FakeLogin::Accept; }
  void cancel(std::uint32_t pid, std::string_view key) override;
  void complain(std::string what) override { complaints.push_back(std::move(what)); }

  std::string path_;
  UniqueFd listener_;
  std::vector<std::unique_ptr<FakeSession>> sessions_;
  std::uint32_t last_pid_ = 1000;
};

}  // namespace peerpool::testing
