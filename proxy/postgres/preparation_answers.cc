#include "proxy/postgres/preparation_answers.h"

#include <array>

#include "proxy/postgres/wire/messages.h"

namespace peerpool::postgres {
namespace {

constexpr std::string_view kSetTag = "SET";
constexpr std::array<std::string_view, 1> kDiscardTags = {"DISCARD ALL"};
// What DISCARD ALL does (PostgreSQL manual), in its order.
constexpr std::string_view kReset =
    "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; "
    "SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";
constexpr std::array<std::string_view, 7> kResetTags = {
    "CLOSE CURSOR ALL", "SET", "RESET", "UNLISTEN", "SELECT 1", "DISCARD TEMP",
    "DISCARD SEQUENCES"};

}  // namespace

const PreparationQuery& emptyQuery() noexcept {
  static constexpr PreparationQuery kQuery{"", {}, false};
  return kQuery;
}

const PreparationQuery& discardAll() noexcept {
  static constexpr PreparationQuery kQuery{kDiscardTags[0], kDiscardTags, false};
  return kQuery;
}

const PreparationQuery& discardAllButStatements() noexcept {
  static constexpr PreparationQuery kQuery{kReset, kResetTags, true};
  return kQuery;
}

bool PreparationAnswers::onCommandComplete(ByteView body) {
  const auto tag = wire::parseCommandComplete(body);
  if (done() || failed_ || !tag) {
    return false;
  }
  if (resetting() ? completed_ == reset_->tags.size() || *tag != reset_->tags[completed_]
                  : *tag != kSetTag) {
    return false;
  }
  ++completed_;
  return true;
}

bool PreparationAnswers::onError() noexcept {
  if (done() || failed_) {
    return false;
  }
  failed_ = true;
  return true;
}

bool PreparationAnswers::onReadyForQuery() noexcept {
  const std::size_t expected = resetting() ? reset_->tags.size() : 1;
  if (done() || (completed_ < expected && !failed_)) {
    return false;
  }
  if (resetting()) {
    reset_ = nullptr;
  } else {
    set_ = false;
  }
  completed_ = 0;
  failed_ = false;
  return true;
}

}  // namespace peerpool::postgres
