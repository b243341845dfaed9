#include "config/load.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "config/units.h"
#include "tests/support/temp_dir.h"

namespace peerpool::config {
namespace {

using testing::TempDir;
using testing::writeFile;

const std::string kMain = R"(version: 1
backends:
  main: { protocol: postgresql, address: "unix:/run/postgresql/.s.PGSQL.5432" }
listeners:
  pg: { path: /run/peerpool/.s.PGSQL.5432, backend: main, mode: "0660" }
pools: { size: 7 }
rules:
  - { name: first, allow: { user: alice }, listener: pg, databases: [a], as: a }
)";

std::string rule(const std::string& name) {
  return "rules:\n  - { name: " + name + ", allow: { user: " + name +
         " }, listener: pg, databases: [shop], as: " + name + ", pool: { min_size: 2 } }\n";
}

std::vector<std::string> errorsOf(const std::string& path) {
  Diagnostics out;
  (void)load(path, out);
  std::vector<std::string> errors;
  for (const Diagnostic& diagnostic : out.sorted()) {
    if (diagnostic.severity == Diagnostic::Severity::Error) {
      errors.push_back(describe(diagnostic));
    }
  }
  return errors;
}

TEST_CASE("everything that a file says is in the config") {
  const std::string path =
      std::string(PEERPOOL_SOURCE_DIR) + "/tests/transcripts/config/good_everything.yaml";
  Diagnostics out;
  const Config config = loadText(testing::readFile(path), "f.yaml", out);
  REQUIRE(out.sorted().empty());
  CHECK(config.process.workers == 4);
  CHECK(config.process.io_engine == IoEngine::Epoll);
  CHECK(config.log.level == LogSeverity::Debug);
  CHECK(config.log.format == LogFormat::Json);
  CHECK(config.log.target == LogTarget::File);
  CHECK(config.log.file == "/var/log/peerpool/peerpool.log");
  CHECK(config.audit.file == "/var/log/peerpool/audit.jsonl");
  CHECK(config.audit.required);
  REQUIRE(config.identities.size() == 3);
  const Matcher& batch = config.identities[1].matcher;
  REQUIRE(batch.uids.size() == 2);
  CHECK(batch.uids[0].last == 20099);
  REQUIRE(batch.not_all_of.size() == 1);
  CHECK(batch.not_all_of[0].users.size() == 2);
  CHECK(describe(batch.not_all_of[0].groups[0].where) == "f.yaml:16:41");
  CHECK(config.identities[2].matcher.any[1].groups[1].number == 4242U);
  CHECK(config.identities[2].matcher.unmapped == false);
  const Backend* const cluster = findBackend(config, "cluster");
  REQUIRE(cluster != nullptr);
  CHECK(cluster->socket_path == "/run/cluster/.s.PGSQL.5432");
  CHECK(cluster->login == LoginMethod::Scram);
  CHECK(cluster->secret_files.at("shop_rw") == "/etc/peerpool/shop_rw.secret");
  CHECK(cluster->secret_files.at("stats") == "credential:stats");
  CHECK(config.directories.at(0).mode == mode_t{02755});
  CHECK(config.listeners.at(0).owner->number == 0U);
  CHECK(config.listeners.at(0).acl.at(1).is_group);
  CHECK(config.never.at(0).name == "no root");
  CHECK(config.never_roles.back() == "replicator");
  const PolicyRule& web = config.rules.at(1);
  CHECK(web.effect == Effect::Allow);
  CHECK(web.who.identities == std::vector<std::string>{"web-app"});
  CHECK(web.pool->size == 30);
  CHECK(web.pool->wait_timeout == Duration(250));
  CHECK(web.pool->wait_notice == Duration(0));
  CHECK(config.mode == Mode::Audit);
  CHECK(printInstant(config.audit_until.value()) == "2199-12-31T11:00:00Z");
  CHECK(config.pools.isolate == Isolate::Identity);
  CHECK(web.pool->isolate == Isolate::Rule);
  const PolicyRule& stats = config.rules.at(2);
  REQUIRE(stats.when.size() == 2);
  CHECK(stats.when[0].days == 0x2f);
  CHECK(stats.when[1].begin == 22 * 60);
  CHECK(stats.when[1].end == 6 * 60);
  CHECK(stats.when[1].timezone == "Europe/Berlin");
  CHECK(stats.at_window_end == OnRevoke::Keep);
  CHECK(config.rules.at(3).when.at(1).days == 0x7f);
  CHECK(config.rules.at(3).when.at(1).end == kMinutesPerDay);
  CHECK(config.tests.at(2).at == Moment(WeekTime{0, 12 * 60}));
  CHECK(config.rules.at(0).reason == "ask the DBA team");
  CHECK(config.rules.at(3).listeners == std::vector<std::string>{"pg", "scratch"});
  CHECK(config.rules.at(4).who.anyone);
  CHECK(config.tests.at(1).groups_given);
  CHECK(config.tests.at(1).groups.empty());
  CHECK_FALSE(config.tests.at(2).groups_given);
}

TEST_CASE("included files follow the main file in byte order of their names") {
  const TempDir dir;
  ::mkdir((dir / "conf.d").c_str(), 0755);
  writeFile(dir / "main.yaml", "include: [\"conf.d/*.yaml\", more.yaml]\n" + kMain);
  writeFile(dir / "conf.d/b.yaml", rule("bob"));
  writeFile(dir / "conf.d/B.yaml", rule("carol"));
  writeFile(dir / "conf.d/c.yaml.off", "nonsense: [");
  writeFile(dir / "more.yaml", rule("dave"));
  const Config config = load(dir / "main.yaml");
  REQUIRE(config.rules.size() == 4);
  CHECK(config.rules[0].name == "first");
  CHECK(config.rules[1].name == "carol");
  CHECK(config.rules[2].name == "bob");
  CHECK(config.rules[3].name == "dave");
  CHECK(config.rules[1].pool->size == 7);
  CHECK(config.files == std::vector<std::string>{dir / "main.yaml", dir / "conf.d/B.yaml",
                                                 dir / "conf.d/b.yaml", dir / "more.yaml"});
}

TEST_CASE(
    "an included file may not have what only the main file may, and mistakes name their file") {
  const TempDir dir;
  writeFile(dir / "main.yaml", "include: [a.yaml, b.yaml]\n" + kMain);
  writeFile(dir / "a.yaml", "version: 1\nnever: []\npools: { size: 1 }\nmode: enforce\n");
  writeFile(dir / "b.yaml", rule("first") +
                                "backends:\n  main: { protocol: postgresql, address: "
                                "\"unix:/run/other/.s.PGSQL.5432\" }\n");
  const std::vector<std::string> errors = errorsOf(dir / "main.yaml");
  REQUIRE(errors.size() == 6);
  CHECK_THAT(errors[0], Catch::StartsWith(dir / "a.yaml:1:10: error: version: only the main file"));
  CHECK_THAT(errors[1], Catch::StartsWith(dir / "a.yaml:2:8: error: never: only the main file"));
  CHECK_THAT(errors[2], Catch::StartsWith(dir / "a.yaml:3:8: error: pools: only the main file"));
  CHECK_THAT(errors[3], Catch::StartsWith(dir / "a.yaml:4:7: error: mode: only the main file"));
  CHECK_THAT(errors[4],
             Catch::StartsWith(dir / "b.yaml:2:13: error: rules[0].name: a second rule"));
  CHECK_THAT(errors[5],
             Catch::StartsWith(dir / "b.yaml:4:9: error: backends.main: a second backend"));
}

TEST_CASE("an included file in a directory that others may write is refused (check 49)") {
  const TempDir dir;
  ::mkdir((dir / "conf.d").c_str(), 0755);
  writeFile(dir / "main.yaml", "include: [\"conf.d/*.yaml\"]\n" + kMain);
  writeFile(dir / "conf.d/a.yaml", rule("bob"));
  CHECK(errorsOf(dir / "main.yaml").empty());
  REQUIRE(::chmod((dir / "conf.d").c_str(), 0775) == 0);
  const std::vector<std::string> errors = errorsOf(dir / "main.yaml");
  REQUIRE(errors.size() == 1);
  CHECK_THAT(errors[0], Catch::Contains("others may write the directory " + dir / "conf.d"));
}

TEST_CASE("an included file adds identities backends and listeners and no tests") {
  const TempDir dir;
  writeFile(dir / "main.yaml", "include: [a.yaml, b.yaml]\n" + kMain);
  writeFile(dir / "a.yaml",
            "identities:\n  web: { user: web }\nbackends:\n  other: { protocol: postgresql, "
            "address: \"unix:/run/other/.s.PGSQL.5432\" }\nlisteners:\n  other: { path: "
            "/run/peerpool/other, backend: other }\nrules:\n  - { name: web, allow: web, listener: "
            "other, databases: [shop], as: web }\n");
  writeFile(dir / "b.yaml", "never_roles: []\naudit_until: 2026-12-01\ntests: []\n");
  const std::vector<std::string> errors = errorsOf(dir / "main.yaml");
  REQUIRE(errors.size() == 3);
  CHECK_THAT(errors[0], Catch::Contains("never_roles: only the main file"));
  CHECK_THAT(errors[1], Catch::Contains("audit_until: only the main file"));
  CHECK_THAT(errors[2], Catch::Contains("tests: only the main file"));
}

TEST_CASE("a pattern may match nothing, a plain name may not, and no file is read twice") {
  const TempDir dir;
  writeFile(dir / "main.yaml", "include: [\"none/*.yaml\", \"*.yaml\", extra.yaml]\n" + kMain);
  writeFile(dir / "extra.yaml", rule("bob"));
  CHECK(load(dir / "main.yaml").rules.size() == 2);
  writeFile(dir / "main.yaml", "include: [missing.yaml]\n" + kMain);
  const std::vector<std::string> errors = errorsOf(dir / "main.yaml");
  REQUIRE(errors.size() == 1);
  CHECK_THAT(errors[0],
             Catch::StartsWith(dir / "main.yaml:1:11: error: include[0]: there is no file"));
}

TEST_CASE("a directory with wildcard characters in its name is taken literally") {
  const TempDir dir;
  ::mkdir((dir / "[a]*").c_str(), 0755);
  writeFile(dir / "[a]*/main.yaml", "include: [\"x*.yaml\"]\n" + kMain);
  writeFile(dir / "[a]*/x.yaml", rule("bob"));
  CHECK(load(dir / "[a]*/main.yaml").rules.size() == 2);
}

TEST_CASE("a main file that cannot be read is a system error with its path") {
  const TempDir dir;
  try {
    (void)load(dir / "missing.yaml");
    FAIL("no exception");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::no_such_file_or_directory);
    CHECK_THAT(error.what(), Catch::Contains(dir / "missing.yaml"));
  }
  CHECK_THROWS_AS(load(dir.path()), std::system_error);
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  CHECK_THROWS_AS(load(dir / "fifo"), std::system_error);
}

TEST_CASE("load throws all mistakes at once") {
  const TempDir dir;
  writeFile(dir / "main.yaml", "version: 2\nplugins: 1\nlog: { level: loud }\n");
  try {
    (void)load(dir / "main.yaml");
    FAIL("no exception");
  } catch (const InvalidConfig& error) {
    std::size_t errors = 0;
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      errors += diagnostic.severity == Diagnostic::Severity::Error ? 1 : 0;
    }
    CHECK(errors == 3);
    CHECK_THAT(error.what(), Catch::Contains("main.yaml:3:15: error: log.level: "));
  }
}

}  // namespace
}  // namespace peerpool::config
