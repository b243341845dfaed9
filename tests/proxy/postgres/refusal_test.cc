// What a client is told about a failure, word for word.

#include "proxy/postgres/refusal.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <string>

#include "proxy/postgres/wire/messages.h"

namespace peerpool::postgres {

TEST_CASE("A client is told what is wrong with its backend, and nothing of the inner reason") {
  struct Case {
    Error error;
    std::string sqlstate;
    std::string message;
  };
  const std::string away = "backend \"main\" is not reachable: ";
  const Case cases[] = {
      {{ErrorCode::Unreachable, "connect /run/x: refused", {}, ECONNREFUSED},
       "57P03",
       away + "connection refused (ref R)"},
      {{ErrorCode::Unreachable, "connect /run/x: gone", {}, ENOENT},
       "57P03",
       away + "its socket does not exist (ref R)"},
      {{ErrorCode::Unreachable, "connect /run/x: no", {}, EACCES},
       "57P03",
       away + "permission denied (ref R)"},
      {{ErrorCode::Unreachable, "login took longer", {}, ETIMEDOUT},
       "57P03",
       away + "no answer within connect_timeout (ref R)"},
      {{ErrorCode::Unreachable, "during login: x", {}, ECONNRESET},
       "57P03",
       away + "it ended the connection during login (ref R)"},
      {{ErrorCode::Unreachable, "connect /run/x: 99", {}, EMFILE},
       "57P03",
       away + "system error (ref R)"},
      {{ErrorCode::Refused, "the database system is starting up", "57P03"},
       "57P03",
       away + "the database system is starting up (ref R)"},
      {{ErrorCode::Refused, "terminating connection", "57P01"},
       "57P03",
       away + "terminating connection (ref R)"},
      {{ErrorCode::Refused, "sorry, too many clients already", "53300"},
       "53300",
       "sorry, too many clients already"},
      {{ErrorCode::Refused, "database \"x\" does not exist", "3D000"},
       "3D000",
       "database \"x\" does not exist"},
      {{ErrorCode::Refused, "hm", ""}, "08P01", "backend \"main\" refused the login (ref R)"},
      {{ErrorCode::Impostor, "uid 1000 instead of 70"},
       "57P03",
       "backend \"main\" is not the expected one (ref R)"},
      {{ErrorCode::Unproven, "wrong signature"},
       "57P03",
       "backend \"main\" did not prove that it knows the secret (ref R)"},
      {{ErrorCode::Protocol, "bad length"}, "08P01", "backend \"main\" broke the protocol (ref R)"},
      {{ErrorCode::Denied, "superuser"}, "28000", "connection not permitted (ref R)"},
      {{ErrorCode::TimedOut, "all busy"},
       "53300",
       "no server connection became free within pools.wait_timeout (ref R)"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.error.text);
    const std::string message = makeFailure(each.error, "R", "main");
    REQUIRE(message.size() > 5);
    const auto report = wire::parseReport(asBytes(message).subspan(5));
    REQUIRE(report);
    CHECK(report->severity == "FATAL");
    CHECK(report->sqlstate == each.sqlstate);
    CHECK(report->message == each.message);
  }
}

}  // namespace peerpool::postgres
