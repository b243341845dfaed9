// Delays, and which failures are worth waiting for.

#include "proxy/pool/back_off.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/proxy/pool/fakes.h"

using namespace peerpool;
using namespace peerpool::pool;

namespace {

const Error kAway{.code = ErrorCode::Unreachable, .text = "away"};
const Error kStarting{.code = ErrorCode::Refused, .text = "starting up", .sqlstate = "57P03"};

}  // namespace

TEST_CASE("The step doubles from 50 to 250 ms", "[pool][back_off]") {
  BackOff back_off;
  CHECK_FALSE(back_off.failing());
  CHECK(back_off.retryAt() <= kStart);
  back_off.failed(kAway, kStart, kStart);
  TimePoint now = kStart;
  CHECK(back_off.retryAt() == kStart + milliseconds(50));
  for (const int step : {100, 200, 250, 250}) {
    now = back_off.retryAt();
    back_off.started(now);
    CHECK(back_off.retryAt() == now + milliseconds(step));
    back_off.failed({.code = ErrorCode::Unreachable, .text = std::to_string(step)}, now, now);
    CHECK(back_off.retryAt() == now + milliseconds(step));
    CHECK(back_off.lastError().text == std::to_string(step));
    CHECK(back_off.since() == kStart);
    CHECK(back_off.lastFailedAt() == now);
  }
  back_off.succeeded();
  CHECK_FALSE(back_off.failing());
  CHECK(back_off.retryAt() <= kStart);
  CHECK(back_off.lastError().text.empty());
}

TEST_CASE("Failures side by side count once, the last one is kept", "[pool][back_off]") {
  BackOff back_off;
  for (int i = 0; i < 10; ++i) {
    back_off.failed({.code = ErrorCode::Refused, .text = std::to_string(i)}, kStart,
                    kStart + milliseconds(i));
  }
  CHECK(back_off.retryAt() == kStart + milliseconds(50));
  CHECK(back_off.lastError().text == "9");
}

TEST_CASE("A backend that starts is asked each 100 ms, however long it was away",
          "[pool][back_off]") {
  BackOff back_off;
  back_off.failed(kAway, kStart, kStart);
  TimePoint now = kStart;
  for (int i = 0; i < 5; ++i) {
    now = back_off.retryAt();
    back_off.started(now);
    back_off.failed(kAway, now, now);
  }
  for (int i = 0; i < 5; ++i) {
    now = back_off.retryAt();
    back_off.started(now);
    back_off.failed(kStarting, now, now);
    CHECK(back_off.retryAt() == now + milliseconds(100));
  }
}

TEST_CASE("An attempt that hangs does not delay the next, which comes no sooner than 50 ms after",
          "[pool][back_off]") {
  BackOff back_off;
  back_off.failed(kAway, kStart, kStart);
  TimePoint now = back_off.retryAt();
  back_off.started(now);
  now += seconds(5);
  back_off.failed(kAway, now - seconds(5), now);
  CHECK(back_off.retryAt() == now + milliseconds(50));
}

TEST_CASE("A hint makes the next attempt come now, and short steps follow", "[pool][back_off]") {
  BackOff back_off;
  back_off.hurry(kStart);
  CHECK_FALSE(back_off.failing());
  back_off.failed(kAway, kStart, kStart);
  for (int i = 0; i < 5; ++i) {
    back_off.started(back_off.retryAt());
  }
  const TimePoint now = back_off.retryAt() - milliseconds(200);
  back_off.hurry(now);
  CHECK(back_off.retryAt() == now);
  back_off.started(now);
  CHECK(back_off.retryAt() == now + milliseconds(50));
}

TEST_CASE("Some failures can pass by themselves", "[pool][back_off]") {
  struct Case {
    ErrorCode code;
    const char* sqlstate;
    bool passes;
    bool of_backend;
  };
  const Case cases[] = {
      {ErrorCode::System, "", true, true},         {ErrorCode::Unreachable, "", true, true},
      {ErrorCode::TimedOut, "", true, true},       {ErrorCode::Limit, "", true, false},
      {ErrorCode::Closed, "", true, true},         {ErrorCode::Refused, "57P01", true, true},
      {ErrorCode::Refused, "57P02", true, true},   {ErrorCode::Refused, "57P03", true, true},
      {ErrorCode::Refused, "53300", true, false},  {ErrorCode::Refused, "28000", false, false},
      {ErrorCode::Refused, "3D000", false, false}, {ErrorCode::Refused, "", false, false},
      {ErrorCode::Impostor, "", false, true},      {ErrorCode::Protocol, "", false, false},
      {ErrorCode::Denied, "57P03", false, false},  {ErrorCode::Unproven, "", false, false},
  };
  for (const Case& each : cases) {
    CAPTURE(each.sqlstate, static_cast<int>(each.code));
    CHECK(mayPass({.code = each.code, .text = "", .sqlstate = each.sqlstate}) == each.passes);
    CHECK(concernsBackend({.code = each.code, .text = "", .sqlstate = each.sqlstate}) ==
          each.of_backend);
  }
}
