// What the statements that prepare a server must be answered with. An answer that is not theirs
// means that the server still owed one to the client before: it would shift all that follow.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "proxy/base/bytes.h"

namespace peerpool::postgres {

/// One query, and the tags of its CommandCompletes.
struct PreparationQuery {
  std::string_view sql;
  std::span<const std::string_view> tags;
  bool rows = false;  ///< One of its commands brings some, which are of no interest.
};

/// Nothing is changed: does the server answer?
[[nodiscard]] const PreparationQuery& emptyQuery() noexcept;
/// Nothing of the client before is left.
[[nodiscard]] const PreparationQuery& discardAll() noexcept;
/// The same but for prepared statements and their plans.
[[nodiscard]] const PreparationQuery& discardAllButStatements() noexcept;

/// The answers to simple queries in the order sent: first perhaps a reset, then perhaps a SET.
/// Every call that returns false found one that cannot be theirs. Pure.
class PreparationAnswers {
 public:
  void expectReset(const PreparationQuery& query) noexcept { reset_ = &query; }
  /// A query of one SET or several was sent.
  void expectSet() noexcept { set_ = true; }

  /// CommandComplete, with the message's body.
  [[nodiscard]] bool onCommandComplete(ByteView body);
  /// ErrorResponse: the rest of the query is not carried out.
  [[nodiscard]] bool onError() noexcept;
  /// ReadyForQuery: ends the answer to one query.
  [[nodiscard]] bool onReadyForQuery() noexcept;

  /// EmptyQueryResponse.
  [[nodiscard]] bool onEmptyQuery() const noexcept {
    return resetting() && reset_->tags.empty() && !failed_;
  }
  /// A message of a row.
  [[nodiscard]] bool onRow() const noexcept { return resetting() && reset_->rows; }

  /// The answer to the reset is still to come.
  [[nodiscard]] bool resetting() const noexcept { return reset_ != nullptr; }
  [[nodiscard]] bool done() const noexcept { return reset_ == nullptr && !set_; }

 private:
  const PreparationQuery* reset_ = nullptr;  // While its answer is to come.
  bool set_ = false;
  std::size_t completed_ = 0;  // Commands of the query that is being answered.
  bool failed_ = false;        // It brought an ErrorResponse.
};

}  // namespace peerpool::postgres
