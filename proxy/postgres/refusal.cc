#include "proxy/postgres/refusal.h"

#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_writer.h"

namespace peerpool::postgres {
namespace {

std::string withReference(std::string_view message, std::string_view reference) {
  return std::string(message) + " (ref " + std::string(reference) + ')';
}

}  // namespace

std::string makeFatal(std::string_view sqlstate, std::string_view message, std::string_view hint) {
  std::string out;
  wire::appendErrorResponse(out, {"FATAL", "FATAL", sqlstate, message, {}, hint});
  return out;
}

std::string makeDenial(std::string_view reference, std::string_view client_reason) {
  return makeFatal("28000", withReference("connection not permitted", reference), client_reason);
}

std::string makeUnaudited(std::string_view reference) {
  return makeFatal("58030", withReference("audit log cannot be written", reference));
}

std::string makeFailure(const Error& error, std::string_view reference) {
  switch (error.code) {
    case ErrorCode::Denied:
      return makeDenial(reference, {});
    case ErrorCode::Refused:
      // SQLSTATE of the backend; one that gave none broke the protocol.
      return error.sqlstate.size() == 5
                 ? makeFatal(error.sqlstate, error.text)
                 : makeFatal("08P01", withReference("backend refused the login", reference));
    case ErrorCode::Unreachable:
      return makeFatal("57P03", withReference("backend is not reachable", reference));
    case ErrorCode::Impostor:
      return makeFatal("57P03", withReference("backend is not the expected one", reference));
    case ErrorCode::TimedOut:
      return makeFatal("53300", withReference("no server connection became free within "
                                              "pools.wait_timeout",
                                              reference));
    case ErrorCode::Limit:
      return makeFatal("53300", withReference("a limit is reached", reference));
    case ErrorCode::Protocol:
      return makeFatal("08P01", withReference("backend broke the protocol", reference));
    case ErrorCode::Closed:
      return makeFatal("08006", withReference("server connection was lost", reference));
    case ErrorCode::System:
      return makeFatal("58000", withReference("system error", reference));
  }
  checkFailed("unknown ErrorCode");
}

}  // namespace peerpool::postgres
