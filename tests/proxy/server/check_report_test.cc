// check for programs: JSON and SARIF, and warnings that count.

#include "proxy/server/check_report.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "proxy/server/commands.h"
#include "proxy/server/exit_code.h"
#include "tests/proxy/server/server_fakes.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

using Severity = config::Diagnostic::Severity;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

/// A good file with one warning, then `more`.
struct Scene {
  testing::TempDir directory;
  std::string file = directory / "p.yaml";
  void write(const std::string& more = "") const {
    testing::writeFile(
        file,
        "version: 1\n"
        "backends:\n"
        "  main: { protocol: postgresql, address: \"unix:/run/p/.s.PGSQL.5432\", "
        "expect_peer: { uid: 70 } }\n"
        "identities: { unused: { user: bob } }\n"
        "listeners:\n  pg: { path: " +
            directory.path() +
            "/s.sock, backend: main, mode: \"0666\" }\n"
            "rules:\n"
            "  - { name: alice, allow: { user: alice }, listener: pg, databases: [shop], "
            "roles: [rw] }\n" +
            more);
  }
  [[nodiscard]] Ran check(std::vector<std::string> more) const {
    more.insert(more.begin(), {"check", "--config", file});
    const Result<Options> options = parseOptions(more);
    REQUIRE(options.has_value());
    FakeAccounts accounts;
    std::ostringstream out;
    std::ostringstream err;
    const int code = runCheck(*options, accounts, auth::SystemFileFacts(), out, err);
    return {code, out.str(), err.str()};
  }
};

std::string sarif(const std::vector<config::Diagnostic>& diagnostics) {
  CheckReport report;
  report.file = "p.yaml";
  report.diagnostics = diagnostics;
  std::ostringstream out;
  writeCheckSarif(report, out);
  return out.str();
}

TEST_CASE("check says as JSON what it says as text, with the same exit code") {
  const Scene scene;
  scene.write();
  const Ran good = scene.check({"--format", "json"});
  INFO(good.out);
  CHECK(good.code == kExitOk);
  CHECK(good.err.empty());
  CHECK(contains(good.out, "\"ok\": true"));
  CHECK(contains(good.out, "\"errors\": 0"));
  CHECK(contains(good.out, "\"severity\": \"warning\""));
  CHECK(contains(good.out, "\"path\": \"identities.unused\""));
  scene.write("colour: blue\n");
  const Ran bad = scene.check({"--format", "json"});
  INFO(bad.out);
  CHECK(bad.code == kExitConfiguration);
  CHECK(contains(bad.out, "\"ok\": false"));
  CHECK(contains(bad.out, "\"errors\": 1"));
  CHECK(contains(bad.out, "\"line\": 9"));
  CHECK(contains(bad.out, "\"column\": 1"));
  CHECK(contains(bad.out, "colour"));
}

TEST_CASE("check --strict takes warnings for errors in each format") {
  const Scene scene;
  scene.write();
  CHECK(scene.check({}).code == kExitOk);
  const std::string format = GENERATE("text", "json", "sarif");
  const Ran ran = scene.check({"--strict", "--format", format});
  INFO(ran.out << ran.err);
  CHECK(ran.code == kExitConfiguration);
  CHECK(contains(ran.out + ran.err, "error"));
  CHECK_FALSE(contains(ran.out + ran.err, "warning\""));
}

TEST_CASE("A file that is not there is a finding in each format, and no input") {
  const Scene scene;
  const std::string format = GENERATE("json", "sarif");
  const Ran ran = scene.check({"--strict", "--format", format});
  INFO(ran.out);
  CHECK(ran.code == kExitNoInput);
  CHECK(contains(ran.out, scene.file));
  CHECK(contains(ran.out, "No such file"));
}

TEST_CASE("SARIF has a rule for each top-level key, and a place for each result") {
  const std::string text = sarif({{Severity::Error, {"a b.yaml", 7, 5}, "rules[2].as", "m", "h"},
                                  {Severity::Warning, {"/c.yaml", 0, 0}, "", "whole", ""}});
  INFO(text);
  CHECK(contains(text, "\"version\": \"2.1.0\""));
  CHECK(contains(text, "\"$schema\": \"https:"));
  CHECK(contains(text, "\"id\": \"peerpool/rules\""));
  CHECK(contains(text, "\"ruleId\": \"peerpool/rules\""));
  CHECK(contains(text, "\"level\": \"error\""));
  CHECK(contains(text, "\"text\": \"rules[2].as: m. Hint: h\""));
  CHECK(contains(text, "\"uri\": \"a%20b.yaml\""));
  CHECK(contains(text, "\"startLine\": 7"));
  CHECK(contains(text, "\"startColumn\": 5"));
  CHECK(contains(text, "\"uri\": \"file:///c.yaml\""));
  CHECK(contains(text, "\"startLine\": 1"));
  CHECK(contains(text, "\"ruleId\": \"peerpool/configuration\""));
}

TEST_CASE("Whatever stands in a message, the report stays JSON") {
  const std::string text = sarif(
      {{Severity::Error, {"p.yaml", 1, 1}, "rules", "a \"quote\" \x01 \xff \xe2\x80\xae", ""}});
  CHECK(contains(text, "a \\\"quote\\\""));
  CHECK_FALSE(contains(text, "\xff"));
  CHECK_FALSE(contains(text, "\x01"));
  CHECK_FALSE(contains(text, "\xe2\x80\xae"));
  CHECK(contains(sarif({}), "\"results\": ["));
}

}  // namespace
}  // namespace peerpool::server
