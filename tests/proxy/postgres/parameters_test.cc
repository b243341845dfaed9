// Startup parameters sorted by the allow-list, and servers brought in line with a client.

#include "proxy/postgres/parameters.h"

#include <catch2/catch.hpp>

using namespace peerpool::postgres;

namespace {

constexpr std::size_t kEncoding = 0;
constexpr std::size_t kTimeZone = 2;

}  // namespace

TEST_CASE("Startup parameters are tracked, kept for the pool's key, or refused by name") {
  const auto sorted = sortStartupParameters({{"user", "u"},
                                             {"database", "d"},
                                             {"client_encoding", "utf-8"},
                                             {"timezone", "UTC"},
                                             {"Search_Path", "app"},
                                             {"application_name", "psql"}},
                                            {});
  CHECK(sorted.refused.empty());
  CHECK(*sorted.tracked.find(kEncoding) == "utf-8");
  CHECK(*sorted.tracked.find(kTimeZone) == "UTC");
  CHECK(sorted.untracked == std::map<std::string, std::string>{{"search_path", "app"}});
}

TEST_CASE(
    "What the allow-list has not is refused in options too unless the rule allows it (check 36)") {
  CHECK(sortStartupParameters({{"statement_timeout", "1"}}, {}).refused == "statement_timeout");
  CHECK(sortStartupParameters({{"statement_timeout", "1"}}, {"Statement_Timeout"}).refused.empty());
  CHECK(sortStartupParameters({{"options", "-c role=postgres"}}, {}).refused == "role");
  CHECK(sortStartupParameters({{"options", "--session_authorization=x"}}, {}).refused ==
        "session_authorization");
  CHECK(sortStartupParameters({{"options", "-d 5"}}, {}).refused == "options");
  CHECK(sortStartupParameters({{"role", "postgres"}}, {}).refused == "role");
}

TEST_CASE("A value that is too long is named, an application_name is cut") {
  const std::string most(kMaxParameterLength, 'x');
  const auto tooLong = [](const std::string& name, const std::string& value) {
    return sortStartupParameters({{name, value}}, {}).too_long;
  };
  CHECK(tooLong("search_path", most).empty());
  CHECK(tooLong("search_path", most + "x") == "search_path");
  CHECK(tooLong("TimeZone", most + "x") == "TimeZone");
  CHECK(tooLong("options", "-csearch_path=" + most + "x") == "search_path");
  CHECK(tooLong("application_name", most + "x").empty());
}

TEST_CASE("A parameter of its own wins over options") {
  const auto sorted = sortStartupParameters(
      {{"TimeZone", "Europe/Berlin"}, {"options", "-c TimeZone=UTC -c extra_float_digits=2"}}, {});
  CHECK(*sorted.tracked.find(kTimeZone) == "Europe/Berlin");
  CHECK(sorted.untracked.at("extra_float_digits") == "2");
}

TEST_CASE("Only what differs is set") {
  ServerParameters server;
  REQUIRE(server.report("client_encoding", "UTF8"));
  REQUIRE(server.report("TimeZone", "UTC"));
  WantedParameters wanted;
  CHECK(makeSetStatement(wanted, server, false).empty());
  wanted.set(kEncoding, "UTF8");
  CHECK(makeSetStatement(wanted, server, false).empty());
  wanted.set(kTimeZone, "Asia/Tokyo");
  CHECK(makeSetStatement(wanted, server, false) == "SET TimeZone TO 'Asia/Tokyo'");
  wanted.set(kEncoding, "LATIN1");
  CHECK(makeSetStatement(wanted, server, false) ==
        "SET client_encoding TO 'LATIN1'; SET TimeZone TO 'Asia/Tokyo'");
}

TEST_CASE("What another client has set goes back to the server's default") {
  ServerParameters server;
  REQUIRE(server.report("TimeZone", "UTC"));
  REQUIRE(server.report("DateStyle", "ISO, MDY"));
  server.rememberDefaults();
  REQUIRE(server.report("TimeZone", "Asia/Tokyo"));
  server.followed().apply({"work_mem", "'1MB'"});
  WantedParameters wanted;
  CHECK(makeSetStatement(wanted, server, false) ==
        "SET TimeZone TO DEFAULT; SET \"work_mem\" TO DEFAULT");
  CHECK(makeSetStatement(wanted, server, true).empty());
  wanted.set(kTimeZone, "Asia/Tokyo");
  wanted.followed().apply({"work_mem", "'1MB'"});
  CHECK(makeSetStatement(wanted, server, false).empty());
  CHECK(makeSetStatement(wanted, server, true) ==
        "SET TimeZone TO 'Asia/Tokyo'; SET \"work_mem\" TO '1MB'");
  // A new default, as PostgreSQL tells idle servers after a reload of its own.
  server.rememberDefault("timezone");
  CHECK(makeSetStatement(WantedParameters(), server, false) == "SET \"work_mem\" TO DEFAULT");
}

TEST_CASE("What a client has set tells its texts from others'") {
  WantedParameters wanted;
  const std::string before = wanted.fingerprint();
  wanted.followed().apply({"search_path", "a"});
  const std::string set = wanted.fingerprint();
  CHECK(set != before);
  wanted.followed().apply({"search_path", ""});
  CHECK(wanted.fingerprint() == before);
}

TEST_CASE("A value cannot leave its literal, whatever standard_conforming_strings is") {
  WantedParameters wanted;
  wanted.set(kTimeZone, "a'; DROP TABLE t; --");
  CHECK(makeSetStatement(wanted, {}, false) == "SET TimeZone TO 'a''; DROP TABLE t; --'");
  wanted.set(kTimeZone, "a\\'b");
  CHECK(makeSetStatement(wanted, {}, false) == "SET TimeZone TO E'a\\\\''b'");
}

TEST_CASE("A server that reports without end, or nothing, is noticed") {
  ServerParameters server;
  CHECK_FALSE(server.report("", "value"));
  CHECK_FALSE(server.report("x", std::string(ServerParameters::kMaxLength, 'y')));
  for (std::size_t i = 0; i < ServerParameters::kMaxCount; ++i) {
    REQUIRE(server.report("name" + std::to_string(i), "value"));
  }
  CHECK_FALSE(server.report("one more", "value"));
}

TEST_CASE("Superuser is what the server says") {
  ServerParameters server;
  CHECK_FALSE(server.superuser());
  REQUIRE(server.report("is_superuser", "on"));
  CHECK(server.superuser());
  REQUIRE(server.report("is_superuser", "off"));
  CHECK_FALSE(server.superuser());
}

TEST_CASE("An application name is kept as PostgreSQL keeps it") {
  CHECK(cleanApplicationName("psql") == "psql");
  CHECK(cleanApplicationName("a\tb\xc3\xa4") == "a?b??");
  CHECK(cleanApplicationName(std::string(100, 'x')) == std::string(63, 'x'));
}

TEST_CASE("The fingerprint tells clients apart by all but their application_name") {
  WantedParameters one;
  WantedParameters other;
  one.set(4, "psql");
  CHECK(one.fingerprint() == other.fingerprint());
  one.set(kTimeZone, "UTC");
  CHECK(one.fingerprint() != other.fingerprint());
  other.set(kEncoding, "UTC");
  CHECK(one.fingerprint() != other.fingerprint());
}

TEST_CASE("What a client said at the start is found again when it has changed that") {
  WantedParameters wanted;
  wanted.set(kTimeZone, "asia/tokyo");
  CHECK(wanted.findStartup(kEncoding) == nullptr);
  wanted.set(kTimeZone, "Asia/Tokyo");  // The server's spelling.
  const std::string before = wanted.fingerprint();
  wanted.change(kTimeZone, "UTC");
  wanted.change(kEncoding, "LATIN1");
  wanted.change(kTimeZone, "America/Lima");
  CHECK(*wanted.find(kTimeZone) == "America/Lima");
  CHECK(*wanted.findStartup(kTimeZone) == "Asia/Tokyo");
  CHECK(wanted.findStartup(kEncoding) == nullptr);
  wanted.startOver(kTimeZone);
  wanted.startOver(kEncoding);
  CHECK(*wanted.find(kTimeZone) == "Asia/Tokyo");
  CHECK(wanted.find(kEncoding) == nullptr);
  CHECK(wanted.fingerprint() == before);
}
