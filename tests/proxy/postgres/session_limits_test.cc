// Which limit of time is due when, told as events with times.

#include "proxy/postgres/session_limits.h"

#include <catch2/catch.hpp>
#include <string>

using namespace peerpool;
using postgres::SessionLimits;
using Due = SessionLimits::Due;
using Phase = SessionLimits::Phase;

namespace {

TimePoint at(int milliseconds) { return TimePoint{} + Duration(milliseconds); }

// Milliseconds that no two limits and no two of their sums share.
config::RuleLimits allLimits() {
  config::RuleLimits limits;
  limits.query = Duration(100);
  limits.transaction = Duration(1'000);
  limits.idle_in_transaction = Duration(300);
  limits.client_idle = Duration(5'000);
  limits.max_session = Duration(20'000);
  return limits;
}

}  // namespace

TEST_CASE("a limit that a reload took away while the backend is asked to cancel is still named") {
  SessionLimits limits(allLimits(), at(0));
  limits.onRequest(at(1));
  REQUIRE(limits.due(at(101)) == Due::Query);
  limits.setLimits({});
  REQUIRE(limits.due(at(101) + SessionLimits::kCancelGrace) == Due::QueryUnanswered);
  const postgres::LimitVerdict verdict =
      postgres::verdictOf(Due::QueryUnanswered, "web", limits.limits());
  CHECK(verdict.sqlstate == "57014");
  CHECK(verdict.message == "terminating connection: rules.\"web\".limits.query");
}

TEST_CASE("without limits nothing is ever due") {
  const config::RuleLimits none;
  CHECK_FALSE(SessionLimits::any(none));
  CHECK(SessionLimits::any(allLimits()));
  SessionLimits limits(none, at(0));
  CHECK(limits.deadline() == kNever);
  limits.onRequest(at(1));
  CHECK(limits.deadline() == kNever);
  limits.onReady('T', false, at(2));
  CHECK(limits.due(at(1'000'000)) == Due::Nothing);
}

TEST_CASE("a client may idle for client_idle, and waiting for a server is not idling") {
  const config::RuleLimits rule = allLimits();
  SessionLimits limits(rule, at(0));
  CHECK(limits.deadline() == at(5'000));
  CHECK(limits.due(at(4'999)) == Due::Nothing);
  limits.onWaiting();
  CHECK(limits.deadline() == at(20'000));
  limits.onNothingToDo();  // Half a request was none: the idling began at login.
  CHECK(limits.deadline() == at(5'000));
  CHECK(limits.due(at(5'000)) == Due::ClientIdle);
}

TEST_CASE("the time of a query begins when it is passed on and ends with its answer") {
  const config::RuleLimits rule = allLimits();
  SessionLimits limits(rule, at(0));
  limits.onWaiting();
  limits.onRequest(at(4'000));
  limits.onRequest(at(4'050));  // Its second message.
  CHECK(limits.deadline() == at(4'100));
  limits.onReady('I', false, at(4'099));
  CHECK(limits.phase() == Phase::Idle);
  CHECK(limits.deadline() == at(9'099));
}

TEST_CASE("each request of a pipeline has its own time, and its own transaction") {
  const config::RuleLimits rule = allLimits();
  SessionLimits limits(rule, at(0));
  limits.onRequest(at(0));
  limits.onReady('I', true, at(90));
  CHECK(limits.deadline() == at(190));
  for (int now = 180; now <= 1'980; now += 90) {
    limits.onReady('I', true, at(now));
  }
  CHECK(limits.due(at(2'000)) == Due::Nothing);
}

TEST_CASE("a query that takes too long is reported once, then its answer is awaited") {
  const config::RuleLimits rule = allLimits();
  SessionLimits limits(rule, at(0));
  limits.onRequest(at(0));
  limits.onReady('T', false, at(1));
  config::RuleLimits only_query;
  only_query.query = Duration(100);
  SessionLimits alone(only_query, at(0));
  alone.onRequest(at(0));
  CHECK(alone.due(at(100)) == Due::Query);
  CHECK(alone.due(at(100)) == Due::Nothing);
  alone.onRequest(at(200));  // The client sends on: it is the same.
  CHECK(alone.deadline() == at(5'100));
  SECTION("it comes") {
    alone.onReady('I', false, at(200));
    CHECK(alone.deadline() == kNever);
    alone.onRequest(at(300));
    CHECK(alone.due(at(400)) == Due::Query);
  }
  SECTION("it does not come") { CHECK(alone.due(at(5'100)) == Due::QueryUnanswered); }
}

TEST_CASE("a transaction lasts from its first request to its end") {
  const config::RuleLimits rule = allLimits();
  SessionLimits limits(rule, at(0));
  limits.onRequest(at(0));
  int now = 50;
  for (; now < 1'000; now += 50) {
    limits.onReady('T', false, at(now));
    CHECK(limits.due(at(now)) == Due::Nothing);
    limits.onRequest(at(now));
  }
  CHECK(limits.deadline() == at(1'000));
  SECTION("too long") { CHECK(limits.due(at(1'000)) == Due::Transaction); }
  SECTION("a failed one goes on") {
    limits.onReady('E', false, at(960));
    CHECK(limits.due(at(1'000)) == Due::Transaction);
  }
  SECTION("ended in time") {
    limits.onReady('I', false, at(999));
    CHECK(limits.due(at(1'001)) == Due::Nothing);
    limits.onRequest(at(2'000));  // A single statement is a transaction of its own.
    limits.onReady('T', false, at(2'001));
    CHECK(limits.deadline() == at(2'301));
  }
}

TEST_CASE("idling inside of a transaction has a limit of its own") {
  const config::RuleLimits rule = allLimits();
  SessionLimits limits(rule, at(0));
  limits.onRequest(at(0));
  limits.onReady('T', false, at(10));
  CHECK(limits.phase() == Phase::InTransaction);
  CHECK(limits.deadline() == at(310));
  CHECK(limits.due(at(310)) == Due::IdleInTransaction);
}

TEST_CASE("max_session is due once, whatever the session does") {
  config::RuleLimits rule;
  rule.max_session = Duration(1'000);
  for (const int busy : {0, 1, 2}) {
    SessionLimits limits(rule, at(500));
    if (busy > 0) {
      limits.onRequest(at(600));
    }
    if (busy > 1) {
      limits.onReady('T', false, at(700));
    }
    CHECK(limits.deadline() == at(1'500));
    CHECK(limits.due(at(1'499)) == Due::Nothing);
    CHECK(limits.due(at(1'500)) == Due::MaxSession);
    CHECK(limits.due(at(1'600)) == Due::Nothing);
    CHECK(limits.deadline() == kNever);
  }
}

TEST_CASE("what a client is told names the setting and its value") {
  const config::RuleLimits rule = allLimits();
  struct Case {
    Due due;
    Limit limit;
    std::string sqlstate;
    std::string message;
  };
  const Case cases[] = {
      {Due::Query, Limit::Query, "57014", "canceling statement: rules.\"web\".limits.query: 100ms"},
      {Due::QueryUnanswered, Limit::Query, "57014",
       "terminating connection: rules.\"web\".limits.query: 100ms"},
      {Due::Transaction, Limit::Transaction, "25P04",
       "terminating connection: rules.\"web\".limits.transaction: 1s"},
      {Due::IdleInTransaction, Limit::IdleInTransaction, "25P03",
       "terminating connection: rules.\"web\".limits.idle_in_transaction: 300ms"},
      {Due::ClientIdle, Limit::ClientIdle, "57P05",
       "terminating connection: rules.\"web\".limits.client_idle: 5s"},
      {Due::MaxSession, Limit::MaxSession, "57P05",
       "terminating connection: rules.\"web\".limits.max_session: 20s"},
  };
  for (const Case& item : cases) {
    const postgres::LimitVerdict verdict = postgres::verdictOf(item.due, "web", rule);
    CHECK(verdict.limit == item.limit);
    CHECK(verdict.sqlstate == item.sqlstate);
    CHECK(verdict.message == item.message);
  }
}
