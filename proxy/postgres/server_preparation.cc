#include "proxy/postgres/server_preparation.h"

#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/messages.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

constexpr std::string_view kQueryCanceled = "57014";

void appendStatement(std::string& out, std::string_view sql) {
  check(wire::appendQuery(out, sql), "values of startup parameters hold no zero byte");
}

}  // namespace

void ServerPreparation::start(const PreparationQuery* reset, std::string set_statement,
                              std::string& out) {
  check(reset != nullptr || !set_statement.empty(), "a preparation with nothing to do");
  set_statement_ = std::move(set_statement);
  reset_ = reset;
  had_cancel_ = false;
  send(out);
}

void ServerPreparation::send(std::string& out) {
  error_.reset();
  cancelled_ = false;
  answers_ = PreparationAnswers();
  if (reset_ != nullptr) {
    appendStatement(out, reset_->sql);
    answers_.expectReset(*reset_);
  }
  if (!set_statement_.empty()) {
    appendStatement(out, set_statement_);
    answers_.expectSet();
  }
}

ServerPreparation::Step ServerPreparation::onMessage(char type, ByteView body,
                                                     ServerParameters& parameters,
                                                     std::string& out) {
  switch (type) {
    case wire::backend::kParameterStatus: {
      const auto status = wire::parseParameterStatus(body);
      if (!status || !parameters.report(status->name, status->value)) {
        return fail("backend sent a bad ParameterStatus");
      }
      return Step::Continue;
    }
    case wire::backend::kErrorResponse:
      return onError(body);
    case wire::backend::kReadyForQuery:
      if (wire::parseReadyForQuery(body) != wire::TransactionStatus::Idle ||
          !answers_.onReadyForQuery()) {
        return fail("backend is not where DISCARD ALL should have brought it");
      }
      return onReady(out);
    case wire::backend::kCommandComplete:
      return answers_.onCommandComplete(body)
                 ? Step::Continue
                 : fail("backend answered something else than DISCARD ALL");
    case wire::backend::kEmptyQueryResponse:
      return answers_.onEmptyQuery() ? Step::Continue
                                     : fail("backend found nothing in DISCARD ALL");
    case wire::backend::kRowDescription:
    case wire::backend::kDataRow:
      return answers_.onRow() ? Step::Continue
                              : fail("backend sent rows where DISCARD ALL brings none");
    case wire::backend::kNoticeResponse:
    case wire::backend::kNotificationResponse:
      return Step::Continue;
    default:
      return fail("backend sent an unexpected message after DISCARD ALL");
  }
}

ServerPreparation::Step ServerPreparation::onError(ByteView body) {
  const auto report = wire::parseReport(body);
  if (!report) {
    return fail("backend sent a malformed ErrorResponse");
  }
  const bool resetting = answers_.resetting();
  if (!answers_.onError()) {
    return fail("backend sent an error too many after DISCARD ALL");
  }
  if (resetting) {
    // A cancel meant for what ran before may come late, and once only. Else: a server that could
    // not be reset may still show one client's state to another.
    if (report->sqlstate != kQueryCanceled || std::exchange(had_cancel_, true)) {
      return fail("DISCARD ALL failed");
    }
    cancelled_ = true;
    return Step::Continue;
  }
  error_ = Error{ErrorCode::Refused, std::string(report->message), std::string(report->sqlstate)};
  return Step::Continue;
}

ServerPreparation::Step ServerPreparation::onReady(std::string& out) {
  if (!answers_.done()) {
    return Step::Continue;
  }
  if (cancelled_) {
    send(out);
    return Step::Continue;
  }
  return Step::Done;
}

ServerPreparation::Step ServerPreparation::fail(const char* text) {
  error_ = Error{ErrorCode::Protocol, text};
  return Step::Failed;
}

}  // namespace peerpool::postgres
