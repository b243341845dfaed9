// Delays, and which failures are worth waiting for.

#include "proxy/pool/back_off.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/proxy/pool/fakes.h"

using namespace peerpool;
using namespace peerpool::pool;

TEST_CASE("The delay doubles from 50 ms to 1 s", "[pool][back_off]") {
  BackOff back_off;
  CHECK_FALSE(back_off.failing());
  CHECK(back_off.retryAt() <= kStart);
  TimePoint now = kStart;
  for (const int delay : {50, 100, 200, 400, 800, 1000, 1000}) {
    back_off.failed({.code = ErrorCode::Unreachable, .text = std::to_string(delay)}, now);
    CHECK(back_off.failing());
    CHECK(back_off.retryAt() == now + milliseconds(delay));
    CHECK(back_off.lastError().text == std::to_string(delay));
    now = back_off.retryAt();
  }
  back_off.succeeded();
  CHECK_FALSE(back_off.failing());
  CHECK(back_off.retryAt() <= kStart);
  CHECK(back_off.lastError().text.empty());
  back_off.failed({}, now);
  CHECK(back_off.retryAt() == now + milliseconds(50));
}

TEST_CASE("Failures side by side count once, the last one is kept", "[pool][back_off]") {
  BackOff back_off;
  for (int i = 0; i < 10; ++i) {
    back_off.failed({.code = ErrorCode::Refused, .text = std::to_string(i)},
                    kStart + milliseconds(i));
  }
  CHECK(back_off.retryAt() == kStart + milliseconds(50));
  CHECK(back_off.lastError().text == "9");
}

TEST_CASE("Some failures can pass by themselves", "[pool][back_off]") {
  struct Case {
    ErrorCode code;
    const char* sqlstate;
    bool passes;
  };
  const Case cases[] = {
      {ErrorCode::System, "", true},        {ErrorCode::Unreachable, "", true},
      {ErrorCode::TimedOut, "", true},      {ErrorCode::Limit, "", true},
      {ErrorCode::Closed, "", true},        {ErrorCode::Refused, "57P01", true},
      {ErrorCode::Refused, "57P02", true},  {ErrorCode::Refused, "57P03", true},
      {ErrorCode::Refused, "53300", true},  {ErrorCode::Refused, "28000", false},
      {ErrorCode::Refused, "3D000", false}, {ErrorCode::Refused, "", false},
      {ErrorCode::Impostor, "", false},     {ErrorCode::Protocol, "", false},
      {ErrorCode::Denied, "57P03", false},
  };
  for (const Case& each : cases) {
    CAPTURE(each.sqlstate, static_cast<int>(each.code));
    CHECK(mayPass({.code = each.code, .text = "", .sqlstate = each.sqlstate}) == each.passes);
  }
}
