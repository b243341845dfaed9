// What of a client may be passed on as it is, and what it means: whole, and cut at every byte.

#include "proxy/postgres/client_scanner.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace peerpool;
using postgres::ClientScanner;
using postgres::SyncTracker;

namespace {

std::string message(char type, const std::string& body) {
  std::string out(1, type);
  appendUint32(out, static_cast<std::uint32_t>(body.size() + 4));
  return out + body;
}

std::string cstring(const std::string& text) { return text + '\0'; }

// Feeds `input` in pieces of `step` bytes, keeping what was not taken, as a transport does.
struct ClientRun {
  std::string passed;
  ClientScanner::Stop stop = ClientScanner::Stop::None;
  postgres::SessionEffect effect;
};
ClientRun runClient(const std::string& input, std::size_t step) {
  ClientScanner scanner;
  SyncTracker tracker;
  ClientRun run;
  std::string kept;
  for (std::size_t i = 0; i < input.size() && run.stop == ClientScanner::Stop::None; i += step) {
    kept += input.substr(i, step);
    const auto scan = scanner.scan(asBytes(kept), tracker, {.effects = true});
    run.passed += kept.substr(0, scan.length);
    kept.erase(0, scan.length);
    run.stop = scan.stop;
    run.effect.add(scan.effect);
  }
  return run;
}

}  // namespace

TEST_CASE("A client's requests pass unchanged, however they are cut") {
  const std::string requests =
      message('P', cstring("") + cstring("SELECT 1") + std::string(2, '\0')) + message('B', "..") +
      message('E', cstring("") + "....") + message('S', "") + message('Q', cstring("SELECT 2"));
  for (std::size_t step = 1; step <= requests.size(); ++step) {
    const ClientRun run = runClient(requests, step);
    INFO("pieces of " << step);
    CHECK(run.passed == requests);
    CHECK(run.stop == ClientScanner::Stop::None);
    CHECK(run.effect.kind() == postgres::SessionEffect::Kind::None);
  }
}

TEST_CASE("What texts may leave in the session is found, however they are cut") {
  using Kind = postgres::SessionEffect::Kind;
  const std::string types(2, '\0');
  const auto parse = [&](const std::string& name, const std::string& sql) {
    return message('P', cstring(name) + cstring(sql) + types);
  };
  struct Case {
    std::string input;
    Kind kind;
  };
  const Case cases[] = {
      {parse("s1", "SELECT 1"), Kind::State},  // Nobody renames it.
      {parse("", "SELECT f()"), Kind::Unknown},
      {parse("", "LISTEN a"), Kind::State},
      {message('Q', cstring("LISTEN a")), Kind::State},
      {message('Q', cstring("SELECT 1") + "LISTEN a"), Kind::None},
      {message('Q', "LISTEN a"), Kind::State},  // PostgreSQL's to refuse.
      {message('Q', ""), Kind::None},
      {message('P', ""), Kind::None},
      {message('F', std::string(8, '\0')), Kind::Unknown},
      {message('Q', cstring("SELECT '" + std::string(postgres::kMaxKeptLength, 'x') + "'")),
       Kind::Unknown},
  };
  for (const Case& item : cases) {
    for (std::size_t step = 1; step < std::min<std::size_t>(item.input.size(), 40); ++step) {
      CAPTURE(&item - cases, step);
      CHECK(runClient(item.input, step).effect.kind() == item.kind);
    }
  }
}

TEST_CASE("A SET can follow its client only if nothing else is under way") {
  const std::string set = message('Q', cstring("SET work_mem = '1MB'"));
  const std::string query = message('Q', cstring("SELECT 1"));
  CHECK(runClient(set, set.size()).effect.settings().size() == 1);
  CHECK(runClient(set + query, 1000).effect.settings().size() == 1);
  for (const std::string& both : {query + set, set + set}) {
    const ClientRun run = runClient(both, both.size());
    CHECK(run.effect.kind() == postgres::SessionEffect::Kind::State);
  }
}

TEST_CASE("An unnamed statement that the link has not parsed is looked at") {
  const ClientScanner::Watch names{.names = true};
  const std::string bind = message('B', std::string(8, '\0'));
  const std::string describe = message('D', "S" + cstring(""));
  const std::string parse = message('P', cstring("") + cstring("SELECT 1") + std::string(2, '\0'));
  const std::string query = message('Q', cstring("SELECT 1"));
  for (const std::string& input : {bind, describe}) {
    ClientScanner scanner;
    SyncTracker tracker;
    const auto scan = scanner.scan(asBytes(input), tracker, names);
    CHECK(scan.length == 0);
    REQUIRE(scan.stop == ClientScanner::Stop::Named);
    CHECK(scanner.peekNamed(asBytes(input)).name.empty());
    for (const std::string& before : {parse, query}) {
      SyncTracker fresh;
      const std::string both = before + input;
      CHECK(scanner.scan(asBytes(both), fresh, names).length == both.size());
    }
  }
  for (const std::string& input :
       {message('C', "S" + cstring("")), message('D', "P" + cstring("")), parse}) {
    ClientScanner scanner;
    SyncTracker tracker;
    CHECK(scanner.scan(asBytes(input), tracker, names).length == input.size());
  }
}

TEST_CASE(
    "The unnamed statement is there from its Parse to its end, a Query or what fails before it") {
  const std::string parse = message('P', cstring("") + cstring("SELECT 1") + std::string(2, '\0'));
  const std::string named = message('P', cstring("a") + cstring("SELECT 1") + std::string(2, '\0'));
  const std::string bind = message('B', std::string(8, '\0'));
  const std::string bind_named = message('B', cstring("") + cstring("a") + std::string(6, '\0'));
  const std::string close = message('C', "S" + cstring(""));
  const std::string close_named = message('C', "S" + cstring("a"));
  const std::string close_portal = message('C', "P" + cstring(""));
  const std::string sync = message('S', "");
  const std::string query = message('Q', cstring("SELECT 1"));
  struct Case {
    std::vector<std::string> batches;  // Each is answered before the next is sent.
    int fails;                         // This message of the last one; -1: none.
    const char* seen;                  // h(as one), a(waits its Bind), o(wns what is there)
  };
  const Case cases[] = {
      {{sync}, -1, ""},
      {{named + bind_named + sync}, -1, ""},
      {{parse + sync}, -1, "hao"},
      {{parse + bind + sync}, -1, "ho"},
      {{parse + bind + parse + sync}, -1, "hao"},
      {{parse + sync, bind + sync}, -1, "ho"},
      {{parse + sync, bind_named + sync}, -1, "hao"},
      {{parse + sync, query}, -1, "o"},
      {{query}, -1, "o"},
      {{parse + sync, sync}, -1, "hao"},
      {{parse + sync, named + sync}, -1, "hao"},
      {{parse + sync, close + sync}, -1, "o"},
      {{close + sync}, -1, "o"},
      {{parse + sync, close_named + sync}, -1, "hao"},
      {{parse + sync, close_portal + sync}, -1, "hao"},
      {{parse + sync}, 0, "o"},
      {{parse + bind + sync}, 1, "ho"},
      {{named + parse + sync}, 0, ""},
      {{parse + sync, named + sync}, 0, "hao"},
      {{parse + sync, named + parse + sync}, 0, "o"},
      {{query, named + parse + sync}, 0, "o"},
  };
  for (const Case& item : cases) {
    CAPTURE(&item - cases);
    ClientScanner scanner;
    SyncTracker tracker;
    for (const std::string& batch : item.batches) {
      REQUIRE(scanner.scan(asBytes(batch), tracker, ClientScanner::Watch{}).length == batch.size());
      const bool last = &batch == &item.batches.back();
      for (int i = 0; tracker.done() < tracker.sent(); ++i) {
        if (last && i == item.fails) {
          tracker.onError();
        } else {
          tracker.onAnswer(true);
        }
      }
      if (batch == query) {
        tracker.onAnswer();
      }
      REQUIRE(tracker.onReadyForQuery());
    }
    CHECK(tracker.atSyncPoint());
    const std::string seen = std::string(tracker.hasUnnamed() ? "h" : "") +
                             (tracker.awaitsBind() ? "a" : "") + (tracker.ownsUnnamed() ? "o" : "");
    CHECK(seen == item.seen);
  }
}

TEST_CASE("What the unnamed statement was parsed from is shown, if it is not too large") {
  const std::string definition = cstring("SELECT 1") + std::string(2, '\0');
  const std::string parse = message('P', cstring("") + definition);
  const std::string large =
      message('P', cstring("") + std::string(postgres::kMaxKeptLength, 'x') + definition);
  const std::string bind = message('B', std::string(8, '\0'));
  ClientScanner scanner;
  SyncTracker tracker;
  const auto scan = [&](const std::string& input) {
    return scanner.scan(asBytes(input), tracker, ClientScanner::Watch{});
  };
  const std::string batch = parse + bind;
  const auto whole = scan(batch);
  CHECK(whole.parses);
  CHECK(asText(whole.unnamed) == definition);
  CHECK_FALSE(scan(bind).parses);
  const auto cut = scan(large.substr(0, large.size() - 1));
  CHECK(cut.parses);
  CHECK(cut.unnamed.empty());
}

TEST_CASE("Terminate and what a client may not send stop the scan in front of it") {
  const std::string query = message('Q', cstring("SELECT 1"));
  struct Case {
    std::string input;
    ClientScanner::Stop stop;
  };
  const Case cases[] = {
      {query + message('X', ""), ClientScanner::Stop::Terminate},
      {query + message('p', cstring("secret")), ClientScanner::Stop::Violation},
      {query + message('Z', "I"), ClientScanner::Stop::Violation},
      {query + std::string("Q\0\0\0\3", 5), ClientScanner::Stop::Violation},
      {query + std::string("Q\xff\xff\xff\xff", 5), ClientScanner::Stop::Violation},
      {query + std::string("Q\x7f\xff\xff\xff", 5), ClientScanner::Stop::Violation},
  };
  for (const Case& item : cases) {
    for (std::size_t step = 1; step <= item.input.size(); ++step) {
      const ClientRun run = runClient(item.input, step);
      CHECK(run.passed == query);
      CHECK(run.stop == item.stop);
    }
  }
}

TEST_CASE("A small message passes as a whole or not at all, a large one streams") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1000},
                                 postgres::kMaxKeptLength, postgres::kMaxKeptLength + 1}) {
    const bool kept = size <= postgres::kMaxKeptLength;
    for (const char type : {'Q', 'd', 'P'}) {
      const std::string whole = message('Q', cstring("SELECT 1"));
      const std::string cut = message(type, std::string(size, '\0'));
      ClientScanner scanner;
      SyncTracker tracker;
      const std::string input = whole + cut.substr(0, cut.size() - 1);
      const auto scan = scanner.scan(asBytes(input), tracker, ClientScanner::Watch{});
      CAPTURE(size, type);
      CHECK(scan.length == (kept ? whole.size() : input.size()));
      CHECK(scanner.atBoundary() == kept);
      ClientScanner idle;
      CHECK(idle.skipIdle(asBytes(cut).first(cut.size() - 1)).stop ==
            (kept || type == 'd' ? ClientScanner::Stop::None : ClientScanner::Stop::Request));
    }
  }
}

TEST_CASE("Without a server, the rest of a failed COPY is skipped and a request is not") {
  ClientScanner scanner;
  const std::string late = message('d', "rows") + message('c', "") + message('H', "");
  const std::string request = message('Q', cstring("SELECT 1"));
  const std::string input = late + request;
  const auto scan = scanner.skipIdle(asBytes(input));
  CHECK(scan.length == late.size());
  CHECK(scan.stop == ClientScanner::Stop::Request);
  ClientScanner cut;
  const auto first = cut.skipIdle(asBytes(late).first(7));
  CHECK(first.length == 7);
  CHECK(first.stop == ClientScanner::Stop::None);
  CHECK_FALSE(cut.atBoundary());
}

TEST_CASE("a request that is not to be carried out is read to its end, cut anywhere") {
  using Event = ClientScanner::Skipped::Event;
  const std::string query = message('Q', cstring("SELECT 1"));
  const std::string batch = message('P', cstring("") + cstring("SELECT 1") + std::string(2, '\0')) +
                            message('H', "") + message('B', std::string(8, '\0')) +
                            message('S', "");
  const std::string late = message('d', "late") + message('c', "");
  const auto run = [](const std::string& input, std::size_t step) {
    ClientScanner scanner;
    std::string events;
    std::string kept;
    for (std::size_t i = 0; i < input.size(); i += step) {
      kept += input.substr(i, step);
      while (true) {
        const auto skipped = scanner.skipRequest(asBytes(kept));
        kept.erase(0, skipped.length);
        if (skipped.event == Event::None) {
          break;
        }
        if (skipped.event == Event::Terminate || skipped.event == Event::Violation) {
          return events + (skipped.event == Event::Terminate ? 'X' : '!');
        }
        events += skipped.event == Event::Begun ? 'B' : 'E';
      }
    }
    return events + (scanner.atBoundary() ? "" : "...");
  };
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
    CAPTURE(step);
    CHECK(run(query, step) == "BE");
    CHECK(run(batch, step) == "BE");
    CHECK(run(late + query, step) == "BE");
    CHECK(run(message('S', ""), step) == "E");
    CHECK(run(batch + query, step) == "BEBE");
    CHECK(run(batch.substr(0, batch.size() - 5), step) == "B");
    CHECK(run(message('X', ""), step) == "X");
    CHECK(run(message('P', "x") + message('X', ""), step) == "BX");
    CHECK(run("?", step) == "!");
    CHECK(run(std::string("Q\0\0\0\1", 5), step) == "B!");
  }
}
