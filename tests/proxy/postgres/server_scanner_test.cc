// What of a server may be passed on as it is, and what it means: whole, and cut at every byte.

#include "proxy/postgres/server_scanner.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace peerpool;
using postgres::ServerScanner;
using postgres::SyncTracker;

namespace {

std::string message(char type, const std::string& body) {
  std::string out(1, type);
  appendUint32(out, static_cast<std::uint32_t>(body.size() + 4));
  return out + body;
}

std::string cstring(const std::string& text) { return text + '\0'; }

struct ServerRun {
  std::string passed;
  std::string events;  // Z with its status, S with name=value, ! for a violation.
  std::size_t state_tags = 0;
  std::size_t set_tags = 0;
  bool failed = false;
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
      run.state_tags += scan.state_tags;
      run.set_tags += scan.set_tags;
      run.failed = run.failed || scan.failed;
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

TEST_CASE("Whether an error is the last word is seen however it is cut") {
  const std::string rest = cstring("C57P01") + '\0';
  const std::string last = message('E', cstring("SFATAL") + cstring("VFATAL") + rest);
  const std::string other = message('E', cstring("SERROR") + cstring("VERROR") + rest);
  for (const std::string& error : {last, other}) {
    for (std::size_t cut = 0; cut < error.size(); ++cut) {
      ServerScanner scanner;
      SyncTracker tracker;
      const auto front = scanner.scan(asBytes(error).first(cut), tracker);
      CHECK(front.length == 0);  // If the server is gone now, nothing of it was passed on.
      CHECK_FALSE(front.error);
      CHECK(scanner.scan(asBytes(error), tracker).error == (error == last));
      CHECK(scanner.atBoundary());
    }
  }
}

TEST_CASE("An error that is too large to be read whole is judged by its first piece") {
  const std::string filler = 'M' + cstring(std::string(postgres::kMaxInspectedLength, 'x')) + '\0';
  for (const bool last : {false, true}) {
    const std::string error =
        message('E', cstring("S") + cstring(last ? "VFATAL" : "VERROR") + filler);
    ServerScanner scanner;
    SyncTracker tracker;
    CHECK(scanner.scan(asBytes(error).first(100), tracker).error == last);
    CHECK(scanner.scan(asBytes(error).subspan(100), tracker).error == last);
    CHECK_FALSE(scanner.scan(asBytes(message('N', filler)), tracker).error);
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
    CHECK(run.state_tags + run.set_tags == 0);
    CHECK_FALSE(run.failed);
  }
}

TEST_CASE("Command tags that speak of session state are counted, and so are errors") {
  for (const char* tag : {"SET", "LISTEN", "PREPARE", "DECLARE CURSOR"}) {
    CHECK(runServer(message('C', cstring(tag)) + message('Z', "I"), 3, 1).state_tags == 1);
  }
  for (const char* tag : {"SELECT 1", "SETTING", "INSERT 0 1", "RESET", "DECLARE"}) {
    CHECK(runServer(message('C', cstring(tag)) + message('Z', "I"), 3, 1).state_tags == 0);
  }
  const std::string commands = message('C', cstring("SET")) + message('C', cstring("RESET")) +
                               message('E', std::string(1, '\0')) + message('Z', "I");
  for (const std::size_t step : {std::size_t{1}, commands.size()}) {
    const ServerRun run = runServer(commands, step, 1);
    CHECK(run.state_tags == 1);
    CHECK(run.set_tags == 2);
    CHECK(run.failed);
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
