// What those who used a server have left in its session, and so what it takes before another may.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "proxy/base/clock.h"
#include "proxy/postgres/server_statements.h"

namespace peerpool::postgres {

/// Lives as long as the server. What is left of parameters is ServerParameters' to know. Pure.
///
/// Between clients of one uid a server is reset when a text was sent that may have left something
/// (SessionEffect). Nobody can tell what a view, a trigger or an operator does: that one uid's
/// programs may see of each other, but no other uid's.
class SessionRemains {
 public:
  enum class Reset : std::uint8_t {
    None,
    Check,           ///< Nothing is reset, but the server must show that it answers.
    KeepStatements,  ///< All but prepared statements.
    All,
  };

  /// Something was sent that may leave anything.
  void touch() noexcept { touched_ = true; }
  /// The same, and prepared statements may not be what they seem.
  void distrust() noexcept { touched_ = distrusted_ = true; }

  /// Others than the client that has it have used it since the last reset.
  [[nodiscard]] bool shared() const noexcept { return shared_; }

  /// A server that was idle for longer may have died or hang without a word.
  static constexpr Duration kCheckAfter{100};

  /// `same`: it is the client again that had it last. Without `uid` it is for whoever comes.
  /// `idle_for`: nobody has used it.
  [[nodiscard]] Reset needed(bool same, std::optional<uid_t> uid, TimePoint::duration idle_for,
                             const ServerStatements& statements) const noexcept;
  /// That was done for it.
  void prepared(Reset done, bool same, std::optional<uid_t> uid) noexcept;

 private:
  bool touched_ = false;
  bool distrusted_ = false;
  bool shared_ = false;
  std::optional<uid_t> used_by_;        // Since the last reset.
  std::optional<uid_t> statements_of_;  // Since the last one of all.
};

}  // namespace peerpool::postgres
