// What may be passed on as it is, and what it means: whole, and cut at every byte.

#include "proxy/postgres/relay.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace peerpool;
using postgres::ClientScanner;
using postgres::ServerScanner;
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
  bool pins = false;
};
ClientRun runClient(const std::string& input, std::size_t step) {
  ClientScanner scanner;
  SyncTracker tracker;
  ClientRun run;
  std::string kept;
  for (std::size_t i = 0; i < input.size() && run.stop == ClientScanner::Stop::None; i += step) {
    kept += input.substr(i, step);
    const auto scan = scanner.scan(asBytes(kept), tracker, ClientScanner::Watch::Nothing);
    run.passed += kept.substr(0, scan.length);
    kept.erase(0, scan.length);
    run.stop = scan.stop;
    run.pins = run.pins || scan.pins;
  }
  return run;
}

struct ServerRun {
  std::string passed;
  std::string events;  // Z with its status, S with name=value, ! for a violation.
  bool pins = false;
};
ServerRun runServer(const std::string& input, std::size_t step, int owed) {
  ServerScanner scanner;
  SyncTracker tracker;
  for (int i = 0; i < owed; ++i) {
    tracker.onClientMessage('Q');
  }
  ServerRun run;
  std::string kept;
  for (std::size_t i = 0; i < input.size(); i += step) {
    kept += input.substr(i, step);
    while (true) {
      const auto scan = scanner.scan(asBytes(kept), tracker);
      run.passed += kept.substr(0, scan.length);
      run.pins = run.pins || scan.pins;
      if (scan.event == ServerScanner::Event::ReadyForQuery) {
        run.events += std::string("Z") + scan.status;
      } else if (scan.event == ServerScanner::Event::Parameter) {
        run.events += "S" + std::string(scan.name) + "=" + std::string(scan.value);
      }
      kept.erase(0, scan.length);
      if (scan.event == ServerScanner::Event::Violation) {
        run.events += '!';
        return run;
      }
      if (scan.event == ServerScanner::Event::None) {
        break;
      }
    }
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
    CHECK_FALSE(run.pins);
  }
}

TEST_CASE("A named statement pins the server") {
  const std::string parse =
      message('P', cstring("s1") + cstring("SELECT 1") + std::string(2, '\0'));
  for (std::size_t step = 1; step <= parse.size(); ++step) {
    CHECK(runClient(parse, step).pins);
  }
}

TEST_CASE(
    "The unnamed statement is kept from its Parse to its Bind, its end, a Query or an error") {
  const std::string parse = message('P', cstring("") + cstring("SELECT 1") + std::string(2, '\0'));
  const std::string named = message('P', cstring("a") + cstring("SELECT 1") + std::string(2, '\0'));
  const std::string bind = message('B', std::string(8, '\0'));
  const std::string close = message('C', "S" + cstring(""));
  const std::string close_named = message('C', "S" + cstring("a"));
  const std::string close_portal = message('C', "P" + cstring(""));
  const std::string sync = message('S', "");
  const std::string query = message('Q', cstring("SELECT 1"));
  struct Case {
    std::vector<std::string> batches;  // Each is answered before the next is sent.
    bool fails;                        // The last one.
    bool kept;
  };
  const Case cases[] = {
      {{parse + sync}, false, true},
      {{parse + bind + sync}, false, false},
      {{parse + bind + parse + sync}, false, true},
      {{named + sync}, false, false},
      {{parse + sync, bind + sync}, false, false},
      {{parse + sync, query}, false, false},
      {{parse + sync, sync}, false, true},
      {{parse + sync, named + sync}, false, true},
      {{parse + sync, close + sync}, false, false},
      {{parse + sync, close_named + sync}, false, true},
      {{parse + sync, close_portal + sync}, false, true},
      {{parse + sync}, true, false},
      {{parse + sync, named + sync}, true, false},
  };
  for (const Case& item : cases) {
    CAPTURE(&item - cases);
    ClientScanner scanner;
    SyncTracker tracker;
    for (const std::string& batch : item.batches) {
      REQUIRE(scanner.scan(asBytes(batch), tracker, ClientScanner::Watch::Nothing).length ==
              batch.size());
      if (item.fails && &batch == &item.batches.back()) {
        tracker.onError();
      } else if (batch != sync) {
        tracker.onAnswer();
      }
      REQUIRE(tracker.onReadyForQuery());
    }
    CHECK(tracker.atSyncPoint());
    CHECK(tracker.keepsStatement() == item.kept);
  }
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
      const auto scan = scanner.scan(asBytes(input), tracker, ClientScanner::Watch::Nothing);
      CAPTURE(size, type);
      CHECK(scan.length == (kept ? whole.size() : input.size()));
      CHECK(scanner.atBoundary() == kept);
      ClientScanner idle;
      CHECK(idle.skipIdle(asBytes(cut).first(cut.size() - 1)).stop ==
            (kept || type == 'd' ? ClientScanner::Stop::None : ClientScanner::Stop::Request));
    }
  }
}

TEST_CASE("A watched error is an event with its whole report, and one that is too large passes") {
  const std::string error = message('E', "SERROR" + std::string(2, '\0'));
  for (std::size_t cut = 0; cut < error.size(); ++cut) {
    ServerScanner scanner;
    SyncTracker tracker;
    scanner.watchErrors(true);
    CHECK(scanner.scan(asBytes(error).first(cut), tracker).length == 0);
    const auto scan = scanner.scan(asBytes(error), tracker);
    CHECK(scan.event == ServerScanner::Event::Error);
    CHECK(scan.length == error.size());
    CHECK(asText(scan.report) == error.substr(5));
  }
  ServerScanner scanner;
  SyncTracker tracker;
  const std::string large = message('E', std::string(postgres::kMaxInspectedLength + 1, 'x'));
  scanner.watchErrors(true);
  CHECK(scanner.scan(asBytes(large).first(100), tracker).length == 100);
  scanner.watchErrors(false);
  CHECK(scanner.scan(asBytes(large).subspan(100), tracker).event == ServerScanner::Event::None);
  CHECK(scanner.scan(asBytes(error), tracker).event == ServerScanner::Event::None);
}

TEST_CASE("An error is the last word also when it comes in pieces") {
  const std::string error = message('E', cstring("SFATAL") + cstring("C57P01") + '\0');
  for (std::size_t cut = 5; cut < error.size(); ++cut) {
    ServerScanner scanner;
    SyncTracker tracker;
    CHECK(scanner.scan(asBytes(error).first(cut), tracker).error);
    CHECK(scanner.scan(asBytes(error).subspan(cut), tracker).error);
    CHECK(scanner.atBoundary());
  }
}

TEST_CASE("An error after which the session goes on is no last word") {
  const auto isLast = [](const std::string& error) {
    ServerScanner scanner;
    SyncTracker tracker;
    return scanner.scan(asBytes(error), tracker).error;
  };
  const std::string rest = cstring("C22012") + '\0';
  CHECK_FALSE(isLast(message('E', cstring("SFEHLER") + cstring("VERROR") + rest)));
  CHECK(isLast(message('E', cstring("SFATAL") + cstring("VFATAL") + rest)));
  CHECK(isLast(message('E', cstring("SERROR") + rest)));
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

TEST_CASE("A server's answers pass unchanged, and its events are seen, however they are cut") {
  const std::string answers = message('S', cstring("TimeZone") + cstring("UTC")) +
                              message('T', "columns") + message('D', std::string(100, 'x')) +
                              message('C', cstring("SELECT 1")) + message('Z', "T") +
                              message('C', cstring("COMMIT")) + message('Z', "I");
  for (std::size_t step = 1; step <= answers.size(); ++step) {
    const ServerRun run = runServer(answers, step, 2);
    INFO("pieces of " << step);
    CHECK(run.passed == answers);
    CHECK(run.events == "STimeZone=UTCZTZI");
    CHECK_FALSE(run.pins);
  }
}

TEST_CASE("Command tags that leave session state pin the server") {
  for (const char* tag : {"SET", "LISTEN", "PREPARE", "DECLARE CURSOR"}) {
    CHECK(runServer(message('C', cstring(tag)) + message('Z', "I"), 3, 1).pins);
  }
  for (const char* tag : {"SELECT 1", "SETTING", "INSERT 0 1", "RESET", "DECLARE"}) {
    CHECK_FALSE(runServer(message('C', cstring(tag)) + message('Z', "I"), 3, 1).pins);
  }
}

TEST_CASE("What a server may not send is a violation, and nothing of it passes") {
  const std::string good = message('D', "row");
  const std::string cases[] = {
      message('R', std::string(4, '\0')),  // Login is over.
      message('K', std::string(8, '\0')),  // Cancel keys are never passed on.
      message('W', ""),                    // Replication.
      message('Z', "X"),
      message('Z', "II"),
      message('Z', ""),
      message('Z', "I"),  // Not owed.
      message('S', "no terminator"),
      message('S', cstring("name only")),
      message('S', cstring("") + cstring("value only")),
      message('C', "no terminator"),
      std::string("Z\0\0\0\3", 5),
      std::string("S\0\xff\xff\xff", 5),
      message('S', std::string(postgres::kMaxInspectedLength, 'x') + cstring("") + cstring("")),
  };
  for (const std::string& bad : cases) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bad.size() + good.size()}) {
      const ServerRun run = runServer(good + bad, step, 0);
      CHECK(run.passed == good);
      CHECK(run.events == "!");
    }
  }
}

TEST_CASE("A message larger than any buffer streams through") {
  ServerScanner scanner;
  SyncTracker tracker;
  std::string header = "D";
  appendUint32(header, 1'000'000'004);
  const std::string piece(1 << 20, 'x');
  CHECK(scanner.scan(asBytes(header), tracker).length == header.size());
  for (int i = 0; i < 10; ++i) {
    CHECK(scanner.scan(asBytes(piece), tracker).length == piece.size());
    CHECK_FALSE(scanner.atBoundary());
  }
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
