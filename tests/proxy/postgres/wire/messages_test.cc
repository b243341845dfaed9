// Bodies: what is right is read, and cut short anywhere it is refused.

#include "proxy/postgres/wire/messages.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>

using namespace peerpool;
using namespace peerpool::postgres::wire;
using namespace std::string_literals;

TEST_CASE("A report gives the fields that it has", "[wire][messages]") {
  const std::string full = "SFEHLER\0VERROR\0C42P01\0Mno table\0Dwhy\0Hhow\0P5\0Fx.c\0\0"s;
  auto report = parseReport(asBytes(full));
  REQUIRE(report.has_value());
  CHECK(report->shown_severity == "FEHLER");
  CHECK(report->severity == "ERROR");
  CHECK(report->sqlstate == "42P01");
  CHECK(report->message == "no table");
  CHECK(report->detail == "why");
  CHECK(report->hint == "how");

  report = parseReport(asBytes("\0"s));
  REQUIRE(report.has_value());
  CHECK(report->sqlstate.empty());
  CHECK(report->message.empty());
}

TEST_CASE("Of a field that comes twice the first counts", "[wire][messages]") {
  const std::string body = "C28000\0C00000\0M\0Mx\0\0"s;
  const auto report = parseReport(asBytes(body));
  REQUIRE(report.has_value());
  CHECK(report->sqlstate == "28000");
  CHECK(report->message.empty());
}

TEST_CASE("A code that is no SQLSTATE reads as none", "[wire][messages]") {
  for (const std::string& code :
       {""s, "2800"s, "280000"s, "2800a"s, "28 00"s, "\xff\xff\xff\xff\xff"s}) {
    const std::string body = "C" + code + "\0\0"s;
    const auto report = parseReport(asBytes(body));
    REQUIRE(report.has_value());
    CHECK(report->sqlstate.empty());
  }
}

TEST_CASE("A body that ends early or late is malformed", "[wire][messages]") {
  using Parse = std::function<bool(ByteView)>;
  const std::pair<std::string, Parse> cases[] = {
      {"SERROR\0C42P01\0\0"s, [](ByteView body) { return parseReport(body).has_value(); }},
      {"TimeZone\0UTC\0"s, [](ByteView body) { return parseParameterStatus(body).has_value(); }},
      {"TimeZone\0\0"s, [](ByteView body) { return parseParameterStatus(body).has_value(); }},
      {"I"s, [](ByteView body) { return parseReadyForQuery(body).has_value(); }},
      {"\0\0\0\0"s, [](ByteView body) { return parseAuthentication(body).has_value(); }},
      {"\0\0\0\12SCRAM-SHA-256\0\0"s,
       [](ByteView body) { return parseAuthentication(body).has_value(); }},
      {"SELECT 5\0"s, [](ByteView body) { return parseCommandComplete(body).has_value(); }},
      {"Sname\0"s, [](ByteView body) { return parseTarget(body).has_value(); }},
      {"P\0"s, [](ByteView body) { return parseTarget(body).has_value(); }},
      {"portal\0\0\0\0\5"s, [](ByteView body) { return parseExecute(body).has_value(); }},
  };
  for (const auto& [body, parses] : cases) {
    CAPTURE(body);
    CHECK(parses(asBytes(body)));
    CHECK_FALSE(parses(asBytes(body + "x")));
    for (std::size_t size = 0; size < body.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(parses(asBytes(body).first(size)));
    }
  }
}

TEST_CASE("Parse and Bind are read up to their names", "[wire][messages]") {
  const std::string parse = "name\0select 1\0\0\0"s;
  for (std::size_t size = 0; size <= parse.size(); ++size) {
    const auto names = parseParse(asBytes(parse).first(size));
    CHECK(names.has_value() == (size >= 14));
    CHECK((!names || names->statement == "name"));
  }
  const std::string bind = "portal\0name\0\0\0\0\0\0\0"s;
  for (std::size_t size = 0; size <= bind.size(); ++size) {
    const auto names = parseBind(asBytes(bind).first(size));
    CHECK(names.has_value() == (size >= 12));
    CHECK((!names || (names->portal == "portal" && names->statement == "name")));
  }
}

TEST_CASE("The first byte of a Parse tells whether it is named", "[wire][messages]") {
  CHECK_FALSE(isNamed({}).has_value());
  CHECK(isNamed(asBytes("\0select"s)) == false);
  CHECK(isNamed(asBytes("x")) == true);
}

TEST_CASE("Values are read as they stand", "[wire][messages]") {
  const std::string status = "TimeZone\0UTC\0"s;
  CHECK(parseParameterStatus(asBytes(status))->name == "TimeZone");
  CHECK(parseParameterStatus(asBytes(status))->value == "UTC");
  CHECK_FALSE(parseParameterStatus(asBytes("\0UTC\0"s)).has_value());

  CHECK(parseReadyForQuery(asBytes("I")) == TransactionStatus::Idle);
  CHECK(parseReadyForQuery(asBytes("T")) == TransactionStatus::InTransaction);
  CHECK(parseReadyForQuery(asBytes("E")) == TransactionStatus::Failed);
  CHECK_FALSE(parseReadyForQuery(asBytes("X")).has_value());

  CHECK(parseCommandComplete(asBytes("INSERT 0 1\0"s)) == "INSERT 0 1");
  CHECK_FALSE(parseCommandComplete(asBytes("\0"s)).has_value());
  CHECK(firstWord("INSERT 0 1") == "INSERT");
  CHECK(firstWord("SET") == "SET");

  const std::string target = "Pname\0"s;
  CHECK(parseTarget(asBytes(target))->kind == Target::Kind::Portal);
  CHECK(parseTarget(asBytes(target))->name == "name");
  CHECK_FALSE(parseTarget(asBytes("Xname\0"s)).has_value());
  CHECK(parseExecute(asBytes("p\0\0\0\1\0"s))->max_rows == 256);
}

TEST_CASE("A cancel key has 4 to 256 bytes", "[wire][messages]") {
  for (const std::size_t size : {0U, 3U, 4U, 5U, 32U, 256U, 257U, 5000U}) {
    const std::string body = "\0\0\1\2"s + std::string(size, 'k');
    const auto data = parseBackendKeyData(asBytes(body));
    CHECK(data.has_value() == (size >= 4 && size <= 256));
    CHECK((!data || (data->pid == 258 && data->key.size() == size)));
  }
  CHECK_FALSE(parseBackendKeyData(asBytes("\0\0\1"s)).has_value());
}

TEST_CASE("An authentication request gives its mechanisms or data", "[wire][messages]") {
  const std::string sasl = "\0\0\0\12SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"s;
  auto request = parseAuthentication(asBytes(sasl));
  REQUIRE(request.has_value());
  CHECK(request->code == AuthenticationCode::Sasl);
  CHECK(request->mechanisms ==
        std::vector<std::string_view>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"});

  const std::string more = "\0\0\0\13r=abc"s;
  request = parseAuthentication(asBytes(more));
  REQUIRE(request.has_value());
  CHECK(request->code == AuthenticationCode::SaslContinue);
  CHECK(asText(request->data) == "r=abc");
}

TEST_CASE("An authentication request of an unknown kind or shape is malformed",
          "[wire][messages]") {
  CHECK_FALSE(parseAuthentication(asBytes("\0\0\0\1"s)).has_value());
  CHECK_FALSE(parseAuthentication(asBytes("\0\0\0\15"s)).has_value());
  CHECK_FALSE(parseAuthentication(asBytes("\xff\xff\xff\xff"s)).has_value());
  CHECK_FALSE(parseAuthentication(asBytes("\0\0\0\12\0"s)).has_value());
  std::string mechanisms;
  for (int i = 0; i < 17; ++i) {
    const std::string body = "\0\0\0\12"s + mechanisms + "\0"s;
    CHECK(parseAuthentication(asBytes(body)).has_value() == (i > 0));
    mechanisms += "M\0"s;
  }
  CHECK_FALSE(parseAuthentication(asBytes("\0\0\0\12"s + mechanisms + "\0"s)).has_value());
}
