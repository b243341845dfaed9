// What the statements that prepare a server must be answered with. An answer that is not theirs
// means that the server still owed one to the client before: it would shift all that follow.

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "proxy/base/bytes.h"

namespace peerpool::postgres {

/// The answers to simple queries in the order sent. Every call that returns false found one that
/// cannot be theirs. Pure.
class PreparationAnswers {
 public:
  static constexpr std::string_view kReset = "DISCARD ALL";
  static constexpr std::string_view kSet = "SET";

  /// A query of one DISCARD ALL was sent.
  void expectReset() noexcept { expect(kReset); }
  /// A query of one SET or several was sent.
  void expectSet() noexcept { expect(kSet); }

  /// CommandComplete, with the message's body.
  [[nodiscard]] bool onCommandComplete(ByteView body);
  /// ErrorResponse: the rest of the query is not carried out.
  [[nodiscard]] bool onError() noexcept;
  /// ReadyForQuery: ends the answer to one query.
  [[nodiscard]] bool onReadyForQuery() noexcept;

  /// The answer to DISCARD ALL is still to come.
  [[nodiscard]] bool resetting() const noexcept { return next_ < sent_ && tags_[next_] == kReset; }
  [[nodiscard]] bool done() const noexcept { return next_ == sent_; }

 private:
  void expect(std::string_view tag) noexcept;

  std::array<std::string_view, 2> tags_;
  std::size_t sent_ = 0;
  std::size_t next_ = 0;    // Index of the query that is being answered.
  bool completed_ = false;  // It brought its CommandComplete.
  bool failed_ = false;     // It brought an ErrorResponse.
};

}  // namespace peerpool::postgres
