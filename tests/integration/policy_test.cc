// Who gets in and who does not, by real credentials at a real socket.

#include <grp.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <regex>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

std::string rule(const std::string& name, const std::string& who, const std::string& rest) {
  return "  - name: " + name + "\n    " + who + "\n    listener: pg\n" + rest;
}

constexpr const char* kShopAsApp = "    databases: [shop]\n    roles: [app]\n";

// What a client is told, without the reference that is different each time.
std::string toldTo(const Pq& client) {
  return std::regex_replace(client.error(), std::regex("ref [0-9A-Za-z]+"), "ref");
}

}  // namespace

TEST_CASE(
    "one uid is let in another is refused with a reference and PostgreSQL never hears of it (check "
    "1) (check 35)") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene({.workers = workers, .rules = rule("a", "allow: { uid: 61001 }", kShopAsApp)});
  const std::string mark = "connection received";
  const std::size_t before = scene.postgres().countInLog(mark);

  const Credentials b{61002, 61003, {}};
  const Pq refused = scene.connect("user=app dbname=shop", b);
  const LogLine line = requireDenied(scene, refused);
  CHECK(line["uid"] == "61002");
  CHECK(line["gid"] == "61003");
  CHECK(line["pid"] == std::to_string(::getpid()));
  CHECK(line["listener"] == "pg");
  CHECK(line["user"].empty());
  CHECK(line.fields.count("rule") == 1);
  CHECK_FALSE(line["reason"].empty());
  CHECK(scene.postgres().countInLog(mark) == before);
  CHECK(scene.postgres()
            .execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'")
            .value() == "0");

  Pq let_in = scene.connect("user=app dbname=shop", Credentials{61001, 61003, {}});
  CHECK(let_in.exec("SELECT current_user").value() == "app");
  scene.stopPeerpool();
}

TEST_CASE("a child process is known by the ids it really has") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = rule("a", "allow: { uid: 61001 }", kShopAsApp)});
  Command command = scene.client({"psql", "-XAt", "-c", "SELECT 1"});
  command.run_as = stranger(0);
  CHECK(run(command).output == "1\n");
  command.run_as = stranger(1);
  const Finished refused = run(command);
  CHECK(refused.exit_code == 2);
  CHECK(refused.errors.find("connection not permitted (ref ") != std::string::npos);
}

TEST_CASE("the groups of the process that connected count, as they were then (check 13)") {
  if (skipWithoutRoot()) {
    return;
  }
  constexpr gid_t kGroup = 61300;
  Scene scene({.rules =
                   "  - name: members\n    allow: { gid: 61300 }\n    listener: pg\n"
                   "    databases: [shop]\n    roles: [app]\n    limits: { max_session: 2s }\n"});
  Credentials member = stranger(2);
  member.groups = {kGroup};
  RawClient client(scene.socketPath(), member);  // Afterwards nobody here is in that group.
  REQUIRE(client.send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}})));
  CHECK(client.receiveUntil('Z').back().type == 'Z');
  static_cast<void>(requireDenied(scene, scene.connect("user=app dbname=shop", stranger(2))));
  CHECK(client.receiveUntil('E').back().field('C') == "57P05");  // max_session bounds it.
}

TEST_CASE("a rule by group counts the primary and the supplementary groups (check 14)") {
  if (skipWithoutRoot()) {
    return;
  }
  const group* games = ::getgrnam("games");
  REQUIRE(games != nullptr);
  const gid_t id = games->gr_gid;
  const std::string who = GENERATE(as<std::string>{}, "group: games", "gid: ");
  CAPTURE(who);
  const std::string selector = who == "gid: " ? who + std::to_string(id) : who;
  Scene scene({.rules = rule("players", "allow: { " + selector + " }", kShopAsApp)});
  CHECK(scene.connect("user=app dbname=shop", Credentials{61001, id, {}}).connected());
  CHECK(scene.connect("user=app dbname=shop", Credentials{61001, 61001, {61005, id}}).connected());
  requireDenied(scene, scene.connect("user=app dbname=shop", Credentials{61001, 61001, {61005}}));
}

TEST_CASE("root is no exception") {
  Scene scene({.rules = rule("games", "allow: { user: games }", kShopAsApp)});
  requireDenied(scene, scene.connect());
}

TEST_CASE("the first rule that holds decides, and its reason is what the client is told") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = rule("not you", "deny: { uid: 61002 }", "    reason: ask the DBA team\n") +
                        rule("range", "allow: { uid: 61001-61003 }", kShopAsApp)});
  CHECK(scene.connect("user=app dbname=shop", stranger(0)).connected());
  const Pq refused = scene.connect("user=app dbname=shop", stranger(1));
  CHECK(requireDenied(scene, refused)["rule"] == "not you");
  CHECK(refused.error().find("ask the DBA team") != std::string::npos);
  CHECK(scene.connect("user=app dbname=shop", stranger(2)).connected());
  requireDenied(scene, scene.connect("user=app dbname=shop", stranger(3)));
}

TEST_CASE("never comes before all rules") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = everybodyMayBe("app"),
               .top = "never:\n  - { name: not this one, who: { uid: 61002 } }\n"});
  CHECK(scene.connect("user=app dbname=shop", stranger(0)).connected());
  CHECK(requireDenied(scene, scene.connect("user=app dbname=shop", stranger(1)))["rule"] ==
        "not this one");
}

TEST_CASE("a rule on trial changes nothing") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = rule("trial", "deny: { uid: 61001 }", "    dry_run: true\n") +
                        rule("real", "allow: { uid: 61001 }", kShopAsApp) +
                        rule("trial two", "allow: anyone",
                             std::string(kShopAsApp) + "    dry_run: true\n")});
  CHECK(scene.connect("user=app dbname=shop", stranger(0)).connected());
  requireDenied(scene, scene.connect("user=app dbname=shop", stranger(1)));
}

TEST_CASE("Unknown database or user: refused like what is not granted (check 35)") {
  Scene scene({.rules = rule("shop only", "allow: anyone", kShopAsApp),
               .prepare = "CREATE ROLE app LOGIN; CREATE ROLE other LOGIN;"
                          "CREATE DATABASE shop OWNER app; CREATE DATABASE secret OWNER app"});
  CHECK(scene.connect().connected());
  const Pq other_role = scene.connect("user=other dbname=shop");
  const Pq unknown_role = scene.connect("user=nobody_knows dbname=shop");
  const Pq other_database = scene.connect("user=app dbname=secret");
  const Pq unknown_database = scene.connect("user=app dbname=nowhere");
  for (const Pq* client : {&other_role, &unknown_role, &other_database, &unknown_database}) {
    requireDenied(scene, *client);
    CHECK(toldTo(*client) == toldTo(other_role));
  }
  requireDenied(scene, scene.connect("user=postgres dbname=shop"));
}

TEST_CASE("a wildcard yields no role that must never be had") {
  Scene scene(
      {.rules = rule("all", "allow: anyone", "    databases: [\"*\"]\n    roles: [\"*\"]\n")});
  CHECK(scene.connect().connected());
  requireDenied(scene, scene.connect("user=postgres dbname=shop"));
  requireDenied(scene, scene.connect("user=pg_monitor dbname=shop"));
}

TEST_CASE("hundreds of refusals leave the others in peace") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  Scene scene({.workers = workers, .rules = rule("a", "allow: { uid: 61001 }", kShopAsApp)});
  Pq good = scene.connect("user=app dbname=shop", stranger(0));
  for (int i = 0; i < 300; ++i) {
    CHECK_FALSE(scene.connect("user=app dbname=shop", stranger(1)).connected());
  }
  CHECK(good.exec("SELECT 1").ok);
  // All of them are in the log, most as a number: see the storm of denials.
  CHECK_FALSE(scene.peerpool().waitForEvents("client denied", 1).empty());
}

}  // namespace peerpool::testing
