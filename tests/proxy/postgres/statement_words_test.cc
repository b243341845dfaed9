#include "proxy/postgres/statement_words.h"

#include <catch2/catch.hpp>

using namespace peerpool::postgres;

namespace {

using Verb = StatementWords::Verb;

struct Case {
  const char* sql;
  Verb verb;
  const char* name;
};

}  // namespace

TEST_CASE("commands that name a prepared statement are found as PostgreSQL reads them") {
  const Case cases[] = {
      {"DEALLOCATE a", Verb::Deallocate, "a"},
      {"deallocate Prepare A_1$;", Verb::Deallocate, "a_1$"},
      {" \t\n-- why\n/* so /* nested */ */DEALLOCATE/**/\"Quoted \"\"name\" ; -- end",
       Verb::Deallocate, "Quoted \"name"},
      {"DEALLOCATE prepare", Verb::Deallocate, "prepare"},
      {"DEALLOCATE \"all\"", Verb::Deallocate, "all"},
      {"DEALLOCATE \xc3\xa9", Verb::Deallocate, "\xc3\xa9"},
      {"DEALLOCATE ALL", Verb::DeallocateAll, "all"},
      {"DEALLOCATE PREPARE all;", Verb::DeallocateAll, "all"},
      {"DISCARD ALL", Verb::DeallocateAll, ""},
      {"EXECUTE a", Verb::Execute, "a"},
      {"execute \"A b\"(1, 'x'); SELECT 1", Verb::Execute, "A b"},
      {"EXPLAIN EXECUTE a", Verb::Execute, "a"},
      {"explain analyze verbose execute a(1)", Verb::Execute, "a"},
      {"EXPLAIN (COSTS OFF, FORMAT json) EXECUTE a", Verb::Execute, "a"},
  };
  for (const Case& item : cases) {
    CAPTURE(item.sql);
    const auto words = findStatementWords(item.sql);
    REQUIRE(words);
    CHECK(words->verb == item.verb);
    CHECK(words->name == item.name);
  }
}

TEST_CASE("all other texts are none of them, however they begin or end") {
  for (const char* sql : {"",
                          " ",
                          ";",
                          "SELECT 1",
                          "DEALLOCATE",
                          "DEALLOCATE 1a",
                          "DEALLOCATE a b",
                          "DEALLOCATE a; SELECT 1",
                          "DEALLOCATE \"a",
                          "DEALLOCATE PREPARE \"\"",
                          "DISCARD",
                          "DISCARD TEMP",
                          "DISCARD ALL x",
                          "EXECUTE",
                          "EXECUTE $1",
                          "EXECUTED a",
                          "EXPLAIN SELECT 1",
                          "EXPLAIN (COSTS OFF EXECUTE a",
                          "EXPLAIN EXECUTE",
                          "EXPLAIN DEALLOCATE a",
                          "/* DEALLOCATE a",
                          "-- DEALLOCATE a",
                          "\"deallocate\" a",
                          "/*",
                          "*/",
                          "--"}) {
    CAPTURE(sql);
    CHECK_FALSE(findStatementWords(sql));
  }
}
