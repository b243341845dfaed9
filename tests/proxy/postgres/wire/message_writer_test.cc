// Every message as bytes, as the manual prescribes them.

#include "proxy/postgres/wire/message_writer.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>

using namespace peerpool;
using namespace peerpool::postgres::wire;
using namespace std::string_literals;

namespace {

using Write = std::function<void(std::string&)>;
using TryWrite = std::function<bool(std::string&)>;

const Report kReport{.shown_severity = "FATAL",
                     .severity = "FATAL",
                     .sqlstate = "28000",
                     .message = "no",
                     .detail = "d",
                     .hint = "h"};

}  // namespace

TEST_CASE("Messages without a choice are written as in the manual", "[wire][writer]") {
  const std::pair<Write, std::string> cases[] = {
      {[](std::string& out) { appendAuthenticationOk(out); }, "R\0\0\0\10\0\0\0\0"s},
      {[](std::string& out) { appendBackendKeyData(out, 258, asBytes("keys")); },
       "K\0\0\0\14\0\0\1\2keys"s},
      {[](std::string& out) { appendReadyForQuery(out, TransactionStatus::Idle); }, "Z\0\0\0\5I"s},
      {[](std::string& out) { appendReadyForQuery(out, TransactionStatus::Failed); },
       "Z\0\0\0\5E"s},
      {[](std::string& out) { appendErrorResponse(out, kReport); },
       "E\0\0\0\44SFATAL\0VFATAL\0C28000\0Mno\0Dd\0Hh\0\0"s},
      {[](std::string& out) {
         appendNoticeResponse(out, {.severity = "NOTICE", .sqlstate = "bad", .message = "m\0x"s});
       },
       "N\0\0\0\37SNOTICE\0VNOTICE\0CXX000\0Mm\0\0"s},
      {[](std::string& out) { appendCancelRequest(out, 7, asBytes("abcd")); },
       "\0\0\0\20\4\322\26\56\0\0\0\7abcd"s},
      {[](std::string& out) { appendSync(out); }, "S\0\0\0\4"s},
      {[](std::string& out) { appendTerminate(out); }, "X\0\0\0\4"s},
  };
  for (const auto& [write, expected] : cases) {
    std::string out = "before";
    write(out);
    CHECK(out == "before" + expected);
  }
}

TEST_CASE("Messages with text are written as in the manual", "[wire][writer]") {
  const std::vector<Parameter> parameters{{"user", "a"}, {"options", ""}};
  const std::pair<TryWrite, std::string> cases[] = {
      {[](std::string& out) { return appendParameterStatus(out, "TimeZone", "UTC"); },
       "S\0\0\0\21TimeZone\0UTC\0"s},
      {[](std::string& out) {
         return appendNegotiateProtocolVersion(out, {.unsupported_options = {"_pq_.a"}});
       },
       "v\0\0\0\23\0\3\0\0\0\0\0\1_pq_.a\0"s},
      {[&](std::string& out) { return appendStartupMessage(out, kProtocol30, parameters); },
       "\0\0\0\31\0\3\0\0user\0a\0options\0\0\0"s},
      {[](std::string& out) { return appendSaslInitialResponse(out, "SCRAM-SHA-256", "n,,"); },
       "p\0\0\0\31SCRAM-SHA-256\0\0\0\0\3n,,"s},
      {[](std::string& out) { return appendSaslResponse(out, "c=\0"s); }, "p\0\0\0\7c=\0"s},
      {[](std::string& out) { return appendQuery(out, "DISCARD ALL"); },
       "Q\0\0\0\20DISCARD ALL\0"s},
      {[](std::string& out) { return appendQuery(out, ""); }, "Q\0\0\0\5\0"s},
  };
  for (const auto& [write, expected] : cases) {
    std::string out = "before";
    CHECK(write(out));
    CHECK(out == "before" + expected);
  }
}

TEST_CASE("A zero byte or an empty name is refused, and nothing is written", "[wire][writer]") {
  const auto startup = [](std::vector<Parameter> parameters) {
    return [parameters](std::string& out) {
      return appendStartupMessage(out, kProtocol30, parameters);
    };
  };
  const TryWrite cases[] = {
      [](std::string& out) { return appendParameterStatus(out, "a\0b"s, "x"); },
      [](std::string& out) { return appendParameterStatus(out, "a", "x\0"s); },
      [](std::string& out) { return appendParameterStatus(out, "", "x"); },
      [](std::string& out) {
        return appendNegotiateProtocolVersion(out, {.unsupported_options = {"_pq_.a\0"s}});
      },
      [](std::string& out) { return appendSaslInitialResponse(out, "S\0"s, "x"); },
      [](std::string& out) { return appendSaslInitialResponse(out, "", "x"); },
      [](std::string& out) { return appendQuery(out, "select 1\0; drop"s); },
      startup({{"user", "a"}, {"", "b"}}),
      startup({{"user", "a\0database"s}}),
      startup({{"us\0er"s, "a"}}),
      startup({{"user", std::string(10'000, 'a')}}),
      startup({{"user", std::string(10'000 - 4 - 5 - 1, 'a')}}),
  };
  for (const TryWrite& write : cases) {
    std::string out = "before";
    CHECK_FALSE(write(out));
    CHECK(out == "before");
  }
}

TEST_CASE("A startup message may be as long as one may be read", "[wire][writer]") {
  const std::vector<Parameter> parameters{{"user", std::string(10'000 - 4 - 5 - 2, 'a')}};
  std::string out;
  CHECK(appendStartupMessage(out, kProtocol32, parameters));
  const StartupResult result = readStartup(asBytes(out));
  REQUIRE(result.step == StartupResult::Step::Startup);
  CHECK(result.consumed == out.size());
  CHECK(result.startup.minor == 2);
  CHECK(result.startup.parameters == parameters);
}

TEST_CASE("A text of a report is cut at the limit, between characters", "[wire][writer]") {
  const std::string euro = "\xe2\x82\xac";
  std::string long_text(kMaxReportText - 2, 'a');
  long_text += euro + euro;
  std::string out;
  appendErrorResponse(out, {.severity = "ERROR",
                            .sqlstate = "XX000",
                            .message = long_text,
                            .detail = long_text,
                            .hint = std::string(100'000, 'h')});
  CHECK(out.size() < 30'000);
  const auto report = parseReport(asBytes(out).subspan(kHeaderSize));
  REQUIRE(report.has_value());
  CHECK(report->message == long_text.substr(0, kMaxReportText - 2));
  CHECK(report->hint.size() == kMaxReportText);

  out.clear();
  appendErrorResponse(out, {.severity = "ERROR", .message = std::string(10'000, '\x80')});
  CHECK(out.size() > kMaxReportText);
}
