#include "proxy/postgres/refusal.h"

#include <cerrno>

#include "config/units.h"
#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_writer.h"

namespace peerpool::postgres {
namespace {

std::string withReference(std::string_view message, std::string_view reference) {
  return std::string(message) + " (ref " + std::string(reference) + ')';
}

/// What a client may know of an errno: no paths, no numbers.
std::string_view causeOf(int system_error) {
  switch (system_error) {
    case ECONNREFUSED:
      return "connection refused";
    case ENOENT:
    case ENOTDIR:
      return "its socket does not exist";
    case EACCES:
    case EPERM:
      return "permission denied";
    case ETIMEDOUT:
      return "no answer within connect_timeout";
    case EAGAIN:
      return "its queue of connections is full";
    case ECONNRESET:
      return "it ended the connection during login";
    default:
      return "system error";
  }
}

/// Classes 57P0x: the backend starts or stops, and says so itself.
bool startsOrStops(std::string_view sqlstate) { return sqlstate.substr(0, 4) == "57P0"; }

}  // namespace

std::string makeFatal(std::string_view sqlstate, std::string_view message, std::string_view hint) {
  std::string out;
  wire::appendErrorResponse(out, {"FATAL", "FATAL", sqlstate, message, {}, hint});
  return out;
}

std::string makeShutdown() { return makeFatal("57P01", "peerpool is shutting down"); }

std::string makeShutdownBeforeLogin() { return makeFatal("57P03", "peerpool is shutting down"); }

std::string makeRevocation(std::string_view reference) {
  return makeFatal("57P01",
                   withReference("the policy no longer permits this connection", reference));
}

std::string makeWaitNotice(Duration waited) {
  std::string out;
  const std::string message =
      "no server connection is free yet, waiting for one (pools.wait_notice: " +
      config::printDuration(waited) + ")";
  wire::appendNoticeResponse(out, {"NOTICE", "NOTICE", "00000", message});
  return out;
}

std::string makeError(std::string_view sqlstate, std::string_view message) {
  std::string out;
  wire::appendErrorResponse(out, {"ERROR", "ERROR", sqlstate, message});
  return out;
}

std::string makeDenial(std::string_view reference, std::string_view client_reason) {
  return makeFatal("28000", withReference("connection not permitted", reference), client_reason);
}

std::string makeUnaudited(std::string_view reference) {
  return makeFatal("58030", withReference("audit log cannot be written", reference));
}

std::string makeFailure(const Error& error, std::string_view reference, std::string_view backend) {
  const std::string named = "backend \"" + std::string(backend) + "\" ";
  const auto unavailable = [&](std::string_view cause) {
    return makeFatal("57P03", withReference(named + std::string(cause), reference));
  };
  switch (error.code) {
    case ErrorCode::Denied:
      return makeDenial(reference, {});
    case ErrorCode::Refused:
      if (startsOrStops(error.sqlstate)) {
        return unavailable("is not reachable: " + error.text);
      }
      // SQLSTATE of the backend; one that gave none broke the protocol.
      return error.sqlstate.size() == 5
                 ? makeFatal(error.sqlstate, error.text)
                 : makeFatal("08P01", withReference(named + "refused the login", reference));
    case ErrorCode::Unreachable:
      return unavailable("is not reachable: " + std::string(causeOf(error.system_error)));
    case ErrorCode::Impostor:
      return unavailable("is not the expected one");
    case ErrorCode::Unproven:
      return unavailable("did not prove that it knows the secret");
    case ErrorCode::TimedOut:
      return makeFatal("53300", withReference("no server connection became free within "
                                              "pools.wait_timeout",
                                              reference));
    case ErrorCode::Limit:
      return makeFatal("53300", withReference("a limit is reached", reference));
    case ErrorCode::Protocol:
      return makeFatal("08P01", withReference(named + "broke the protocol", reference));
    case ErrorCode::Closed:
      return makeFatal("08006", withReference("server connection was lost", reference));
    case ErrorCode::System:
      return makeFatal("58000", withReference("system error", reference));
  }
  checkFailed("unknown ErrorCode");
}

}  // namespace peerpool::postgres
