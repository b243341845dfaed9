// Rules between fields, beyond the one case of each that a transcript shows.

#include "config/validate.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "config/load.h"

namespace peerpool::config {
namespace {

const std::string kHead = R"(version: 1
backends:
  main: { protocol: postgresql, address: "unix:/run/main/.s.PGSQL.5432" }
  other: { protocol: postgresql, address: "unix:/run/other/.s.PGSQL.5432" }
identities:
  web: { user: web }
  pair: { user: [web, batch] }
listeners:
  pg: { path: /run/peerpool/.s.PGSQL.5432, backend: main, mode: "0660" }
  pg2: { path: /run/peerpool/.s.PGSQL.5433, backend: other, mode: "0660" }
)";

/// The first words of each message about errors, in order.
std::vector<std::string> errorsOf(const std::string& text) {
  Diagnostics out;
  (void)loadText(text, "f", out);
  std::vector<std::string> errors;
  for (const Diagnostic& diagnostic : out.sorted()) {
    if (diagnostic.severity == Diagnostic::Severity::Error) {
      errors.push_back(diagnostic.path + ": " + diagnostic.message);
    }
  }
  return errors;
}

/// Two rules, `first` and `second`, each given by what follows its name.
std::vector<std::string> errorsOfRules(const std::string& first, const std::string& second) {
  return errorsOf(kHead + "rules:\n  - { name: first, " + first + " }\n  - { name: second, " +
                  second + " }\n");
}

struct Pair {
  const char* first;
  const char* second;
};

TEST_CASE("a rule is unreachable when an earlier one takes all its requests") {
  for (const Pair& rules : std::vector<Pair>{
           {"allow: anyone, listener: pg, databases: ['*'], as: a",
            "allow: web, listener: pg, databases: [shop], as: a"},
           {"allow: pair, listener: [pg, pg2], databases: ['*'], as: a",
            "allow: web, listener: [pg2, pg], databases: ['x*'], as: a"},
           {"allow: { user: web }, listener: pg, databases: [a, b], roles: ['*']",
            "allow: web, listener: pg, databases: [b], roles: [shop]"},
           {"allow: { user: web }, listener: pg, databases: [a], as: x",
            "allow: { user: web, group: g }, listener: pg, databases: [a], as: x"},
           {"allow: { uid: 10-20 }, listener: pg, databases: [a], as: x",
            "allow: { uid: [11, 13-20] }, listener: pg, databases: [a], as: x"},
           {"allow: { group: g, not: { user: a } }, listener: pg, databases: [a], as: x",
            "allow: { group: g, not: { user: [a, b] } }, listener: pg, databases: [a], as: x"},
           {"allow: { any: [{ user: a }, { user: b }] }, listener: pg, databases: [a], as: x",
            "allow: { any: [{ user: b }] }, listener: pg, databases: [a], as: x"},
           {"allow: [web, pair], listener: pg, databases: ['${identity}'], as: x",
            "allow: [web, pair], listener: pg, databases: ['${identity}'], as: x"},
           {"deny: web, listener: pg", "allow: web, listener: pg, databases: [a], as: x"},
           {"deny: web, listener: pg", "deny: web, listener: pg, databases: [a]"},
           {"deny: web, listener: pg, roles: ['s*']",
            "allow: web, listener: pg, databases: [a], roles: [shop]"}}) {
    const std::vector<std::string> errors = errorsOfRules(rules.first, rules.second);
    INFO(rules.first << "  |  " << rules.second);
    REQUIRE(errors.size() == 1);
    CHECK_THAT(errors[0], Catch::StartsWith("rules[1]: this rule is never reached"));
  }
}

TEST_CASE("a rule that some request reaches is not called unreachable") {
  for (const Pair& rules : std::vector<Pair>{
           {"allow: web, listener: pg, databases: ['*'], as: a",
            "allow: anyone, listener: pg, databases: ['*'], as: a"},
           {"allow: web, listener: pg, databases: ['*'], as: a",
            "allow: web, listener: pg2, databases: ['*'], as: a"},
           {"allow: web, listener: pg, databases: ['*'], as: a",
            "allow: web, listener: [pg, pg2], databases: ['*'], as: a"},
           {"allow: web, listener: pg, databases: [a], as: a",
            "allow: web, listener: pg, databases: [b], as: a"},
           {"allow: web, listener: pg, databases: ['*'], as: a",
            "allow: web, listener: pg, databases: ['*'], as: b"},
           {"allow: web, listener: pg, databases: ['*'], roles: ['*']",
            "allow: web, listener: pg, databases: ['*'], roles: [postgres]"},
           {"allow: web, listener: pg, databases: ['*'], roles: [a]",
            "allow: web, listener: pg, databases: ['*'], roles: ['*']"},
           {"allow: web, listener: pg, databases: ['*'], as: a, dry_run: true",
            "allow: web, listener: pg, databases: ['*'], as: a"},
           {"allow: { user: web, group: g }, listener: pg, databases: [a], as: x",
            "allow: { user: web }, listener: pg, databases: [a], as: x"},
           {"allow: { group: g, not: { user: [a, b] } }, listener: pg, databases: [a], as: x",
            "allow: { group: g, not: { user: a } }, listener: pg, databases: [a], as: x"},
           {"allow: { unmapped: true }, listener: pg, databases: [a], as: x",
            "allow: { unmapped: false }, listener: pg, databases: [a], as: x"},
           {"allow: [web, pair], listener: pg, databases: ['${identity}'], as: x",
            "allow: pair, listener: pg, databases: ['${identity}'], as: x"},
           {"deny: web, listener: pg, databases: [a]",
            "allow: web, listener: pg, databases: ['*'], as: x"},
           {"deny: web, listener: pg, roles: [a]",
            "allow: web, listener: pg, databases: ['*'], as: x"}}) {
    INFO(rules.first << "  |  " << rules.second);
    CHECK(errorsOfRules(rules.first, rules.second).empty());
  }
}

TEST_CASE("a deny after an allow for the same peers comes too late") {
  for (const Pair& rules :
       std::vector<Pair>{{"allow: anyone, listener: pg, databases: ['*'], as: '${user}'",
                          "deny: web, listener: pg"},
                         {"allow: pair, listener: pg, databases: ['*'], roles: [a]",
                          "deny: web, listener: [pg2, pg]"},
                         {"allow: pair, listener: pg, databases: [a], roles: ['*']",
                          "deny: web, listener: pg, databases: [a], roles: [shop]"}}) {
    const std::vector<std::string> errors = errorsOfRules(rules.first, rules.second);
    INFO(rules.first << "  |  " << rules.second);
    REQUIRE(errors.size() == 1);
    CHECK_THAT(errors[0], Catch::StartsWith("rules[1]: this deny comes too late on pg"));
  }
  for (const Pair& rules : std::vector<Pair>{
           {"allow: web, listener: pg, databases: ['*'], as: a", "deny: anyone, listener: pg"},
           {"allow: web, listener: pg, databases: [shop], as: a", "deny: web, listener: pg"},
           {"allow: web, listener: pg, databases: ['*'], roles: [a]",
            "deny: web, listener: pg, roles: ['*']"},
           {"allow: web, listener: pg, databases: ['*'], as: a", "deny: web, listener: pg2"}}) {
    INFO(rules.first << "  |  " << rules.second);
    CHECK(errorsOfRules(rules.first, rules.second).empty());
  }
}

TEST_CASE("rules that reach one pool must agree on it") {
  const std::string first = "allow: web, listener: pg, databases: [a, b], as: x, pool: { size: 3 }";
  for (const char* const second :
       {"allow: { user: u }, listener: pg, databases: [b], as: x",
        "allow: { user: u }, listener: pg, databases: [b], roles: [x], pool: { size: 4 }",
        "allow: { user: u }, listener: pg2, backend: main, databases: [c], database_as: a, as: "
        "x"}) {
    INFO(second);
    const std::vector<std::string> errors = errorsOfRules(first, second);
    REQUIRE(errors.size() == 1);
    CHECK_THAT(errors[0], Catch::Contains("reaches the same pool (backend main, database"));
  }
  for (const char* const second :
       {"allow: { user: u }, listener: pg, databases: [b], as: x, pool: { size: 3 }",
        "allow: { user: u }, listener: pg, databases: [c], as: x",
        "allow: { user: u }, listener: pg, databases: [b], as: y",
        "allow: { user: u }, listener: pg2, databases: [b], as: x",
        "allow: { user: u }, listener: pg, databases: [b], as: x, dry_run: true"}) {
    INFO(second);
    CHECK(errorsOfRules(first, second).empty());
  }
}

TEST_CASE("one mistake does not hide another in the same rule") {
  const std::vector<std::string> errors = errorsOf(
      kHead + "rules:\n  - { name: a, allow: nobody-known, listener: pgx, superuser: 1 }\n" +
      "  - { name: a, allow: web, listener: pg, replication: true, as: '*' }\n");
  const std::vector<std::string> expected = {
      "rules[0].allow: no identity is called \"nobody-known\"",
      "rules[0].listener: no listener is called \"pgx\"",
      "rules[0].superuser: expected true or false, found \"1\"",
      "rules[1]: an allow needs databases",
      "rules[1].name: a second rule is called \"a\"",
      "rules[1].replication: replication is not enforced by this version of peerpool",
      "rules[1].as: this must be one name, without *"};
  CHECK(errors == expected);
}

TEST_CASE("an exact name may be one of never_roles, a glob of only such names is useless") {
  const std::string rule =
      "rules:\n  - { name: a, allow: web, listener: pg, databases: [a], roles: ";
  CHECK(errorsOf(kHead + rule + "[postgres, pg_monitor, '*'] }\n").empty());
  CHECK(errorsOf(kHead + rule + "['pg_read_*'] }\n").size() == 1);
  CHECK(errorsOf(kHead + rule + "['x_*'], never_roles: ['x*'] }\n").size() == 1);
  CHECK(errorsOf(kHead + "never_roles: []\n" + rule + "['pg_*'] }\n").empty());
}

TEST_CASE("what any account could run or be called lets nobody in alone (check 5)") {
  const std::string digest(64, 'a');
  for (const std::string& key :
       {std::string("exe: /usr/bin/psql"), "exe_sha256: " + digest, std::string("cgroup: /jobs"),
        std::string("container: any"), std::string("apparmor: web")}) {
    const auto errors = [&](const std::string& more) {
      return errorsOfRules("allow: { " + key + more + " }, listener: pg, databases: [a], as: x",
                           "deny: { user: w }, listener: pg2");
    };
    CAPTURE(key);
    const std::string name = key.substr(0, key.find(':'));
    const auto alone = [&](const std::string& error) {
      return error ==
             "rules[0].allow." + name + ": " + name + " alone lets in whoever can run that";
    };
    const std::vector<std::string> found = errors("");
    CHECK(std::any_of(found.begin(), found.end(), alone));
    const std::vector<std::string> narrowed = errors(", user: web");
    CHECK(std::none_of(narrowed.begin(), narrowed.end(), alone));
  }
}

TEST_CASE("an abstract socket has no permissions and is refused (check 23)") {
  const auto errors = [](const std::string& path) {
    return errorsOf(
        "version: 1\nbackends:\n  main: { protocol: postgresql, address: "
        "\"unix:/run/a/s\" }\nlisteners:\n  pg: { path: \"" +
        path + "\", backend: main, mode: '0660' }\nrules: []\n");
  };
  CHECK(errors("@peerpool").size() == errors("/run/peerpool/s").size() + 1);
  CHECK(errors("@/run/peerpool/s").size() == errors("/run/peerpool/s").size() + 1);
}

TEST_CASE("a socket open to everybody is an error only with a rule for anyone") {
  const auto text = [](const std::string& listener, const std::string& who) {
    return "version: 1\nbackends:\n  main: { protocol: postgresql, address: \"unix:/run/a/s\" }\n"
           "listeners:\n  pg: { path: /run/p/s, backend: main, " +
           listener + " }\nrules:\n  - { name: a, " + who + ", listener: pg, databases: [a]";
  };
  CHECK(errorsOf(text("mode: '0666'", "allow: anyone") + ", as: x }\n").size() == 1);
  CHECK(errorsOf(text("mode: '0602'", "allow: anyone") + ", as: x }\n").size() == 1);
  CHECK(errorsOf(text("mode: '0660'", "allow: anyone") + ", as: x }\n").empty());
  CHECK(errorsOf(text("mode: '0666'", "allow: { user: w }") + ", as: x }\n").empty());
  CHECK(errorsOf(text("mode: '0666'", "deny: anyone") + " }\n").empty());
  CHECK(errorsOf(text("mode: '0666', open_to_everybody: true", "allow: anyone") + ", as: x }\n")
            .empty());
  CHECK(errorsOf(text("mode: '0400'", "allow: { user: w }") + ", as: x }\n").size() == 1);
  CHECK(errorsOf(text("mode: '0400', acl: [{ user: w }]", "allow: { user: w }") + ", as: x }\n")
            .empty());
}

}  // namespace
}  // namespace peerpool::config
