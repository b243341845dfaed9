// The first packet of a client, whole, in pieces and hostile.

#include "proxy/postgres/wire/startup.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace peerpool;
using namespace peerpool::postgres::wire;
using namespace std::string_literals;
using Step = StartupResult::Step;
using Reason = StartupFailure::Reason;

namespace {

std::string packet(std::uint32_t code, const std::string& rest) {
  std::string out;
  appendUint32(out, static_cast<std::uint32_t>(rest.size() + 8));
  appendUint32(out, code);
  return out + rest;
}

StartupResult read(const std::string& input) { return readStartup(asBytes(input)); }

const std::string kUsual = packet(kProtocol30, "user\0alice\0database\0shop\0\0"s);

}  // namespace

TEST_CASE("Each kind of first packet is recognised at its last byte, not before",
          "[wire][startup]") {
  const std::pair<std::string, Step> cases[] = {
      {packet(kSslRequestCode, ""), Step::SslRequest},
      {packet(kGssEncRequestCode, ""), Step::GssEncRequest},
      {packet(kCancelRequestCode, "\0\0\0\7abcd"s), Step::CancelRequest},
      {packet(kCancelRequestCode, "\0\0\0\7"s + std::string(256, 'k')), Step::CancelRequest},
      {kUsual, Step::Startup},
      {packet(kProtocol32, "user\0a\0\0"s), Step::Startup},
      {packet(kProtocol30, "\0"s), Step::Startup},
  };
  for (const auto& [bytes, step] : cases) {
    CAPTURE(bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const StartupResult early = read(bytes.substr(0, size));
      REQUIRE(early.step == Step::NeedMore);
      REQUIRE(early.consumed == 0);
    }
    const StartupResult result = read(bytes);
    CHECK(result.step == step);
    CHECK(result.consumed == bytes.size());
    const StartupResult with_more = read(bytes + "more");
    CHECK(with_more.step == step);
    CHECK(with_more.consumed == bytes.size());
  }
}

TEST_CASE("A startup message gives its parameters in their order", "[wire][startup]") {
  const StartupResult result = read(packet(
      kProtocol32, "user\0alice\0_pq_.one\0x\0database\0shop\0DateStyle\0\0_pq_.two\0\0\0"s));
  REQUIRE(result.step == Step::Startup);
  CHECK(result.startup.major == 3);
  CHECK(result.startup.minor == 2);
  CHECK(result.startup.parameters ==
        std::vector<Parameter>{{"user", "alice"}, {"database", "shop"}, {"DateStyle", ""}});
  CHECK(result.startup.protocol_options ==
        std::vector<Parameter>{{"_pq_.one", "x"}, {"_pq_.two", ""}});
  CHECK(result.startup.value("user") == "alice");
  CHECK(result.startup.value("options").empty());
  CHECK(result.startup.has("datestyle"));
  CHECK_FALSE(result.startup.has("options"));
}

TEST_CASE("Of a parameter that comes twice the last value counts", "[wire][startup]") {
  const StartupResult result = read(
      packet(kProtocol30, "user\0a\0DateStyle\0ISO\0USER\0b\0user\0c\0DATESTYLE\0German\0\0"s));
  REQUIRE(result.step == Step::Startup);
  CHECK(result.startup.parameters ==
        std::vector<Parameter>{{"user", "c"}, {"DateStyle", "German"}, {"USER", "b"}});
  CHECK(result.startup.value("user") == "c");
}

TEST_CASE("An absent and an empty user read the same", "[wire][startup]") {
  CHECK(read(packet(kProtocol30, "database\0x\0\0"s)).startup.value("user").empty());
  CHECK(read(packet(kProtocol30, "user\0\0\0"s)).startup.value("user").empty());
}

TEST_CASE("A cancel request gives process id and key", "[wire][startup]") {
  const StartupResult result = read(packet(kCancelRequestCode, "\0\1\0\2key\0"s));
  REQUIRE(result.step == Step::CancelRequest);
  CHECK(result.cancel.pid == 65538);
  CHECK(result.cancel.key == "key\0"s);
}

TEST_CASE("What cannot become a first packet fails as early as it shows", "[wire][startup]") {
  const auto length_and = [](std::uint32_t length, const std::string& rest) {
    std::string out;
    appendUint32(out, length);
    return out + rest;
  };
  const auto code = [](std::uint32_t number) {
    std::string out;
    appendUint32(out, number);
    return out;
  };
  struct Case {
    std::string bytes;
    Reason reason;
  };
  const Case cases[] = {
      {length_and(0, ""), Reason::Length},
      {length_and(3, ""), Reason::Length},
      {length_and(4, ""), Reason::Length},
      {length_and(7, ""), Reason::Length},
      {length_and(10005, ""), Reason::Length},
      {length_and(0x7fffffff, ""), Reason::Length},
      {length_and(0xffffffff, ""), Reason::Length},
      {length_and(9, code(kSslRequestCode)), Reason::Length},
      {length_and(9, code(kGssEncRequestCode)), Reason::Length},
      {length_and(15, code(kCancelRequestCode)), Reason::Length},
      {length_and(12 + 257, code(kCancelRequestCode)), Reason::Length},
      {length_and(100, code(131072)), Reason::Unsupported},
      {length_and(100, code(4 << 16)), Reason::Unsupported},
      {length_and(100, code(80877105)), Reason::Unsupported},
      {length_and(100, code(0)), Reason::Unsupported},
      {length_and(8, code(kProtocol30)), Reason::Layout},
      {packet(kProtocol30, "user\0alice\0"s), Reason::Layout},
      {packet(kProtocol30, "user\0alice"s), Reason::Layout},
      {packet(kProtocol30, "user\0alice\0x"s), Reason::Layout},
      {packet(kProtocol30, "user\0"s), Reason::Layout},
      {packet(kProtocol30, "user\0alice\0\0x"s), Reason::Layout},
      {packet(kProtocol30, "user\0alice\0\0\0"s), Reason::Layout},
  };
  for (const Case& each : cases) {
    CAPTURE(each.bytes);
    const StartupResult result = read(each.bytes);
    REQUIRE(result.step == Step::Failed);
    CHECK(result.failure.reason == each.reason);
    CHECK(result.failure.sqlstate == (each.reason == Reason::Unsupported ? "0A000" : "08P01"));
    CHECK_FALSE(result.failure.message.empty());
    CHECK(result.consumed == 0);
  }
}

TEST_CASE("The largest packet is PostgreSQL's: 10 000 bytes after the length field",
          "[wire][startup]") {
  const std::string largest =
      packet(kProtocol30, "user\0"s + std::string(10'000 - 4 - 5 - 2, 'a') + "\0\0"s);
  REQUIRE(largest.size() == 10'004);
  CHECK(read(largest).step == Step::Startup);
}

TEST_CASE("A packet full of names is read in reasonable time", "[wire][startup]") {
  std::string rest;
  for (int i = 0; rest.size() + 9 < kMaxStartupBody; ++i) {
    rest += static_cast<char>('a' + i % 26);
    rest += std::to_string(i) + "\0\0"s;
  }
  const StartupResult result = read(packet(kProtocol30, rest + "\0"s));
  REQUIRE(result.step == Step::Startup);
  CHECK(result.startup.parameters.size() > 1000);
}

TEST_CASE("Names of settings have no case, those of the connection have", "[wire][startup]") {
  CHECK(sameParameter("DateStyle", "datestyle"));
  CHECK(sameParameter("USER", "User"));
  CHECK_FALSE(sameParameter("user", "USER"));
  CHECK_FALSE(sameParameter("OPTIONS", "options"));
  CHECK_FALSE(sameParameter("a", "ab"));
  CHECK_FALSE(sameParameter("", "a"));
}

TEST_CASE("Options are split as PostgreSQL splits them", "[wire][startup]") {
  const std::pair<std::string, std::vector<Parameter>> cases[] = {
      {"", {}},
      {" \t\n\v\f\r ", {}},
      {"-c work_mem=1MB", {{"work_mem", "1MB"}}},
      {"-cwork_mem=1MB", {{"work_mem", "1MB"}}},
      {"--work-mem=1MB", {{"work_mem", "1MB"}}},
      {"  -c  a=1\t--b=2  ", {{"a", "1"}, {"b", "2"}}},
      {"-c search_path=a,\\ b", {{"search_path", "a, b"}}},
      {"-c a=\\\\", {{"a", "\\"}}},
      {"-c a=x\\", {{"a", "x"}}},
      {"-c a=", {{"a", ""}}},
      {"-c a=b=c", {{"a", "b=c"}}},
      {"-c a=1 -c A=2", {{"a", "2"}}},
      {"-c role=postgres", {{"role", "postgres"}}},
      {"\\-c a=1", {{"a", "1"}}},
  };
  for (const auto& [options, expected] : cases) {
    CAPTURE(options);
    const auto result = parseOptions(options);
    REQUIRE(result.has_value());
    CHECK(*result == expected);
  }
}

TEST_CASE("An option that is not a setting is refused by its name", "[wire][startup]") {
  const std::pair<std::string, std::string> cases[] = {
      {"-x", "-x"},        {"foo", "foo"},   {"-c", "-c"},       {"-c a=1 -c", "-c"},
      {"-c a", "-c a"},    {"-ca", "-ca"},   {"--a", "--a"},     {"--", "--"},
      {"-- a=1", "--"},    {"--=5", "--=5"}, {"-c =5", "-c =5"}, {"a=1", "a=1"},
      {"-c\\ a=1 b", "b"}, {"-d 5", "-d"},   {"-", "-"},         {"\\", ""},
  };
  for (const auto& [options, named] : cases) {
    CAPTURE(options);
    const auto result = parseOptions(options);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::Protocol);
    CHECK(result.error().sqlstate == "42601");
    CHECK(result.error().text == "invalid command-line argument for server process: " + named);
  }
}

TEST_CASE("A newer minor version or a protocol option is negotiated down", "[wire][startup]") {
  struct Case {
    std::uint16_t minor;
    std::uint32_t spoken;
    std::size_t key_length;
    bool negotiated;  // Without options.
  };
  const Case cases[] = {{0, 0x30000, 4, false},
                        {1, 0x30001, 4, false},  // Never a version; as PostgreSQL 18 does.
                        {2, 0x30002, 32, false},
                        {3, 0x30002, 32, true},
                        {9999, 0x30002, 32, true},  // libpq's grease.
                        {0xffff, 0x30002, 32, true}};
  for (const Case& item : cases) {
    CAPTURE(item.minor);
    StartupMessage startup;
    startup.parameters = {{"user", "a"}};
    startup.minor = item.minor;
    CHECK(spokenVersion(startup) == item.spoken);
    CHECK(cancelKeyLength(spokenVersion(startup)) == item.key_length);
    auto negotiation = negotiate(startup);
    REQUIRE(negotiation.has_value() == item.negotiated);
    CHECK((!negotiation || negotiation->newest_version == item.spoken));
    CHECK((!negotiation || negotiation->unsupported_options.empty()));

    startup.protocol_options = {{"_pq_.a", "1"}, {"_pq_.b", ""}};
    negotiation = negotiate(startup);
    REQUIRE(negotiation.has_value());
    CHECK(negotiation->newest_version == item.spoken);
    CHECK(negotiation->unsupported_options == std::vector<std::string>{"_pq_.a", "_pq_.b"});
  }
}
