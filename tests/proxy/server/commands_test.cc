// check, explain and the command line, with streams in place of a process.

#include "proxy/server/commands.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "proxy/server/exit_code.h"
#include "tests/proxy/server/server_fakes.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

std::string configText(const testing::TempDir& directory, const std::string& more = "") {
  return "version: 1\n"
         "backends:\n"
         "  main: { protocol: postgresql, address: \"unix:/run/postgresql/.s.PGSQL.5432\", "
         "expect_peer: { uid: 70 } }\n"
         "listeners:\n"
         "  pg: { path: " +
         directory.path() +
         "/s.sock, backend: main, mode: \"0666\" }\n"
         "rules:\n"
         "  - { name: alice, allow: { user: alice }, listener: pg, databases: [shop], roles: [rw] "
         "}\n"
         "  - { name: not bob, deny: { user: bob }, listener: pg }\n" +
         more;
}

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

/// Runs check or explain with made-up accounts on this machine's files.
Ran runWith(const std::vector<std::string>& arguments) {
  const Result<Options> options = parseOptions(arguments);
  REQUIRE(options.has_value());
  FakeAccounts accounts;
  const auth::SystemFileFacts files;
  std::ostringstream out;
  std::ostringstream err;
  const int code = options->command == Command::Check
                       ? runCheck(*options, accounts, files, out, err)
                       : runExplain(*options, accounts, files, out, err);
  return {code, out.str(), err.str()};
}

struct Scene {
  testing::TempDir directory;
  std::string file = directory / "p.yaml";
  void write(const std::string& more) const {
    testing::writeFile(file, configText(directory, more));
  }
  [[nodiscard]] Ran explain(std::vector<std::string> more) const {
    more.insert(more.begin(), {"explain", "--config", file, "--listener", "pg"});
    return runWith(more);
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("mode: audit is a warning of check and an error when its date has passed (check 53)") {
  const Scene scene;
  scene.write("mode: audit\naudit_until: 2199-12-31\n");
  const Ran warned = runWith({"check", "--config", scene.file});
  CHECK(warned.code == kExitOk);
  CHECK(contains(warned.out + warned.err, "until 2199-12-31T00:00:00Z nobody is denied"));
  const Ran alice = scene.explain({"--user", "alice", "--database", "shop", "--role", "alice"});
  CHECK(alice.code == kExitOk);
  CHECK(contains(alice.out, "only because of mode: audit; would be denied: no rule"));
  scene.write("mode: audit\naudit_until: 2026-01-01\n");
  const Ran refused = runWith({"check", "--config", scene.file});
  CHECK(refused.code == kExitConfiguration);
  CHECK(contains(refused.out + refused.err, "audit_until is in the past"));
}

TEST_CASE("check sums up a good file") {
  const Scene scene;
  scene.write("tests: [ { listener: pg, user: bob, database: shop, role: rw, expect: deny } ]\n");
  const Ran ran = runWith({"check", "--config", scene.file});
  INFO(ran.err);
  CHECK(ran.code == kExitOk);
  CHECK(contains(ran.out, scene.file + ": ok, 1 listener, 2 rules, 1 test passed"));
}

TEST_CASE("check prints the mistakes of each stage with their place") {
  const Scene scene;
  const auto [more, place, part] = GENERATE(table<std::string, std::string, std::string>({
      {"colour: blue\n", ":9:1: error: ", "colour"},
      {"  - { name: x, allow: { user: mallory }, listener: pg, databases: [a], roles: [b] }\n",
       ":9:", "mallory"},
      {"tests: [ { listener: pg, user: bob, database: shop, role: rw, expect: alice } ]\n",
       ":9:", "alice"},
  }));
  scene.write(more);
  const Ran ran = runWith({"check", "--config", scene.file});
  INFO(ran.err);
  CHECK(ran.code == kExitConfiguration);
  CHECK(contains(ran.err, scene.file + place));
  CHECK(contains(ran.err, part));
  CHECK(contains(ran.err, scene.file + ": 1 error\n"));
  CHECK(ran.out.empty());
}

TEST_CASE("A file that is not there is no input") {
  const Scene scene;
  const Ran check = runWith({"check", "--config", scene.file});
  CHECK(check.code == kExitNoInput);
  CHECK(contains(check.err, scene.file));
  CHECK(scene.explain({"--user", "alice"}).code == kExitNoInput);
}

TEST_CASE("explain shows peer, rules and an allowed login") {
  const Scene scene;
  scene.write("");
  const Ran ran = scene.explain({"--user", "alice", "--database", "shop", "--role", "rw"});
  CHECK(ran.code == kExitOk);
  CHECK(contains(ran.out, "peer: user alice, uid 1000, gid 1000, groups 1000 1200\n"));
  CHECK(contains(ran.out, "  allow \"alice\" (" + scene.file +
                              ":7:5): matches <- decides\n"
                              "decision at login: allowed by rule \"alice\""));
  CHECK(contains(ran.out, "  login role \"rw\", database \"shop\"\n"));
}

TEST_CASE("explain shows the condition that failed, and a denial") {
  const Scene scene;
  scene.write("");
  const Ran ran = scene.explain({"--user", "alice", "--database", "other", "--role", "rw"});
  CHECK(ran.code == kExitDenied);
  CHECK(contains(ran.out, "): does not match: database \"other\" is not one of: shop\n"));
  CHECK(contains(ran.out, "  deny  \"not bob\""));
  CHECK(contains(ran.out, "decision at login: denied\n"));
}

TEST_CASE("What is denied at accept is shown as such, whatever is asked for") {
  const Scene scene;
  scene.write("");
  const Ran ran = scene.explain({"--user", "bob", "--database", "shop", "--role", "rw"});
  CHECK(ran.code == kExitDenied);
  CHECK(contains(ran.out, "decision at accept: denied by rule \"not bob\""));
  CHECK_FALSE(contains(ran.out, "at login"));
}

TEST_CASE("Without database and role the answer at the door counts") {
  const Scene scene;
  scene.write("");
  const Ran maybe = scene.explain({"--user", "alice"});
  CHECK(maybe.code == kExitOk);
  CHECK(contains(maybe.out, "decision at accept: maybe\n"));
  CHECK(scene.explain({"--user", "4242"}).code == kExitDenied);
}

TEST_CASE("explain refuses what it cannot ask about") {
  const Scene scene;
  scene.write("");
  const Ran no_user = scene.explain({"--user", "mallory"});
  CHECK(no_user.code == kExitUsage);
  CHECK(contains(no_user.err, "there is no account named mallory"));
  const Ran no_door = runWith({"explain", "-c", scene.file, "--listener", "pq", "--user", "alice"});
  CHECK(no_door.code == kExitUsage);
  CHECK(contains(no_door.err, "there is no listener \"pq\""));
  CHECK(contains(no_door.err, "pg"));
}

TEST_CASE("The command line answers for itself") {
  const auto run = [](const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = runCommandLine(arguments, out, err);
    return Ran{code, out.str(), err.str()};
  };
  CHECK(run({"--version"}).out == "peerpool 0.1.0\n");
  CHECK(contains(run({"--help"}).out, "peerpool explain --listener"));
  CHECK(contains(run({"status", "--help"}).out, "--json"));
  const Ran unknown = run({"chekc"});
  CHECK(unknown.code == kExitUsage);
  CHECK(unknown.err == "peerpool: unknown command 'chekc'\n  hint: did you mean check?\n");
  const testing::TempDir directory;
  const Ran nobody = run({"status", "--runtime-dir", directory.path()});
  CHECK(nobody.code == kExitUnavailable);
  CHECK(contains(nobody.err, "not running"));
}

}  // namespace
}  // namespace peerpool::server
