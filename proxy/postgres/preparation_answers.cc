#include "proxy/postgres/preparation_answers.h"

#include "proxy/base/check.h"
#include "proxy/postgres/wire/messages.h"

namespace peerpool::postgres {

void PreparationAnswers::expect(std::string_view tag) noexcept {
  check(sent_ < tags_.size(), "a preparation has one reset and one SET");
  tags_[sent_++] = tag;
}

bool PreparationAnswers::onCommandComplete(ByteView body) {
  const auto tag = wire::parseCommandComplete(body);
  if (done() || failed_ || !tag || *tag != tags_[next_] || (completed_ && resetting())) {
    return false;
  }
  completed_ = true;
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
  if (done() || (!completed_ && !failed_)) {
    return false;
  }
  ++next_;
  completed_ = false;
  failed_ = false;
  return true;
}

}  // namespace peerpool::postgres
