// When a rule holds: days, hours, midnight, and the days on which clocks are changed.

#include "auth/schedule.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/auth/policy_fixture.h"

namespace peerpool::auth::test {
namespace {

constexpr std::uint8_t kWeekdays = 0x1f;
constexpr std::uint8_t kFriday = 1U << 4;

config::TimeWindow window(std::uint8_t days, unsigned begin, unsigned end,
                          std::string zone = "Europe/Berlin") {
  return {days, begin, end, std::move(zone)};
}

Schedule schedule(std::vector<config::TimeWindow> windows) {
  config::PolicyRule rule;
  rule.when = std::move(windows);
  TimeZones zones;
  config::Diagnostics problems;
  Schedule result(rule, zones, problems, "rules[0]");
  REQUIRE_FALSE(problems.hasErrors());
  return result;
}

config::Instant at(const std::string& text) {
  const auto instant = config::parseInstant(text);
  REQUIRE(instant);
  return *instant;
}

bool holds(const Schedule& schedule, const std::string& text) {
  const auto moment = config::parseMoment(text);
  REQUIRE(moment);
  const Truth truth = schedule.holdsAt(*moment);
  REQUIRE(truth != Truth::Unknown);
  return truth == Truth::Yes;
}

}  // namespace

TEST_CASE("office hours hold from their first minute to before their last") {
  const Schedule office = schedule({window(kWeekdays, 7 * 60, 20 * 60)});
  CHECK_FALSE(holds(office, "2026-11-23T05:59:59Z"));  // A Monday; Berlin is an hour ahead.
  CHECK(holds(office, "2026-11-23T06:00Z"));
  CHECK(holds(office, "2026-11-23T18:59:59Z"));
  CHECK_FALSE(holds(office, "2026-11-23T19:00Z"));
  CHECK(holds(office, "2026-07-06T05:00Z"));  // Two hours ahead in summer.
  CHECK_FALSE(holds(office, "2026-11-22T12:00Z"));
  CHECK(holds(office, "Fri 19:59"));
  CHECK_FALSE(holds(office, "Sat 12:00"));
}

TEST_CASE("a window across midnight belongs to the day on which it begins") {
  const Schedule night = schedule({window(kFriday, 22 * 60, 6 * 60)});
  CHECK(holds(night, "Fri 22:00"));
  CHECK(holds(night, "Sat 05:59"));
  CHECK_FALSE(holds(night, "Sat 06:00"));
  CHECK_FALSE(holds(night, "Sat 22:00"));
  CHECK_FALSE(holds(night, "Fri 05:00"));
}

TEST_CASE("a window across midnight of Sunday ends on Monday") {
  const Schedule night = schedule({window(1U << 6, 23 * 60, 60)});
  CHECK(holds(night, "Mon 00:30"));
  CHECK_FALSE(holds(night, "Sun 00:30"));
}

TEST_CASE("where clocks are changed the wall clock decides") {
  const Schedule early = schedule({window(0x7f, 2 * 60, 3 * 60)});
  // 2026-03-29: 01:59 is followed by 03:00.
  CHECK_FALSE(holds(early, "2026-03-29T00:59:59Z"));
  CHECK_FALSE(holds(early, "2026-03-29T01:00Z"));
  // 2026-10-25: the hour from 02:00 comes twice.
  CHECK(holds(early, "2026-10-25T00:00Z"));
  CHECK(holds(early, "2026-10-25T00:59:59Z"));
  CHECK(holds(early, "2026-10-25T01:00Z"));
  CHECK(holds(early, "2026-10-25T01:59:59Z"));
  CHECK_FALSE(holds(early, "2026-10-25T02:00Z"));
}

TEST_CASE("of several windows one suffices each in its own zone") {
  const Schedule both = schedule({window(0x7f, 9 * 60, 10 * 60, "Asia/Tokyo"),
                                  window(0x7f, 9 * 60, 10 * 60, "America/New_York")});
  CHECK(holds(both, "2026-11-23T00:30Z"));
  CHECK(holds(both, "2026-11-23T14:30Z"));
  CHECK_FALSE(holds(both, "2026-11-23T09:30Z"));
}

TEST_CASE("without a time windows are unknown and no windows hold") {
  CHECK(schedule({window(0x7f, 0, 1440)}).holdsAt({}) == Truth::Unknown);
  CHECK(schedule({}).holdsAt({}) == Truth::Yes);
  CHECK_FALSE(schedule({}).staysFor(at("2026-11-23")).has_value());
}

TEST_CASE("nothing changes before the schedule says that it may") {
  std::mt19937 random(4);
  const auto number = [&](unsigned most) {
    return std::uniform_int_distribution<unsigned>(0, most)(random);
  };
  const std::vector<std::string> zones{"Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe",
                                       "America/St_Johns", "UTC"};
  for (int round = 0; round < 300; ++round) {
    const Schedule some = schedule({window(static_cast<std::uint8_t>(1 + number(126)), number(1439),
                                           number(1440), zones.at(number(4))),
                                    window(static_cast<std::uint8_t>(1 + number(126)), number(1439),
                                           number(1440), zones.at(number(4)))});
    // Days around changes of clocks.
    const config::Instant start = at(round % 3 == 0   ? "2026-03-28"
                                     : round % 3 == 1 ? "2026-10-24"
                                                      : "2026-04-04") +
                                  std::chrono::seconds(number(200'000));
    const auto stays = some.staysFor(start);
    REQUIRE(stays);
    REQUIRE(stays->count() > 0);
    const Truth truth = some.holdsAt(start);
    for (std::chrono::seconds later{0}; later < *stays; later += std::chrono::seconds(29)) {
      INFO(config::printInstant(start) << " + " << later.count());
      REQUIRE(some.holdsAt(start + later) == truth);
    }
    REQUIRE(some.holdsAt(start + *stays - std::chrono::seconds(1)) == truth);
  }
}

TEST_CASE("an unknown time zone is an error at its rule") {
  config::PolicyRule rule = allow("office", anyone());
  rule.when = {window(kWeekdays, 7 * 60, 20 * 60, "Europe/Berlim")};
  try {
    static_cast<void>(policyOf({rule}));
    FAIL("no exception");
  } catch (const config::InvalidConfig& invalid) {
    REQUIRE(invalid.diagnostics().size() == 1);
    const config::Diagnostic& one = invalid.diagnostics().front();
    CHECK(one.path == "rules[0].when.timezone");
    CHECK(one.message == "there is no time zone \"Europe/Berlim\"");
    CHECK(one.hint.find("timedatectl") != std::string::npos);
  }
}

TEST_CASE("a rule outside of its window does not match and explain says so") {
  config::PolicyRule rule = allow("office", anyone());
  rule.when = {window(kWeekdays, 7 * 60, 20 * 60)};
  const auto policy = policyOf({rule});
  CHECK(policy->accept(alice(), "pg").verdict == Verdict::Maybe);
  CHECK(policy->login(alice(), {"pg", "shop", "x", at("2026-11-23T12:00Z")}).verdict ==
        Verdict::Allow);
  CHECK(policy->login(alice(), {"pg", "shop", "x", at("2026-11-22T12:00Z")}).verdict ==
        Verdict::Deny);
  const auto traces = policy->explain(alice(), {"pg", "shop", "x", config::WeekTime{6, 720}});
  REQUIRE(traces.size() == 1);
  CHECK(traces[0].failed ==
        "it is Sun 12:00, and the rule holds only: Mon,Tue,Wed,Thu,Fri 07:00-20:00 Europe/Berlin");
}

TEST_CASE("a time that is not known lets nobody in and keeps who is denied out") {
  config::PolicyRule rule = allow("office", anyone());
  rule.when = {window(kWeekdays, 7 * 60, 20 * 60)};
  CHECK(policyOf({rule})->login(alice(), {"pg", "shop", "x"}).verdict == Verdict::Deny);
  config::PolicyRule closed = deny("closed", anyone());
  closed.when = rule.when;
  const auto policy = policyOf({closed, allow("all", anyone())});
  CHECK(policy->login(alice(), {"pg", "shop", "x"}).rule == "closed");
  // The hour may be another when the startup packet comes.
  CHECK(policy->accept(alice(), "pg").verdict == Verdict::Maybe);
  CHECK(policy->login(alice(), {"pg", "shop", "x", config::WeekTime{6, 720}}).rule == "all");
}

TEST_CASE("equal states of time mean equal decisions") {
  config::PolicyRule rule = allow("office", anyone());
  rule.when = {window(kWeekdays, 7 * 60, 20 * 60)};
  const auto policy = policyOf({rule});
  CHECK(policy->timeState(at("2026-11-23T12:00Z")) == policy->timeState(at("2026-11-24T12:00Z")));
  CHECK(policy->timeState(at("2026-11-23T12:00Z")) != policy->timeState(at("2026-11-22T12:00Z")));
  CHECK(policy->staysFor(at("2026-11-23T18:00Z")) == std::chrono::seconds(3600));
  CHECK_FALSE(policyOf({allow("all", anyone())})->staysFor(at("2026-11-23")).has_value());
}

}  // namespace peerpool::auth::test
