// isolate: whose sessions meet at a server of PostgreSQL, with real uids.

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

/// The servers that clients of `as` get, one after the other and side by side.
std::set<std::string> serversOf(const Scene& scene, const Credentials& as) {
  std::set<std::string> pids;
  std::vector<Pq> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(scene.connect("user=app dbname=shop", as));
    INFO(clients.back().error());
    REQUIRE(clients.back().connected());
    if (i % 2 == 0) {
      REQUIRE(clients.back().exec("BEGIN").ok);
    }
    const std::string pid = clients.back().exec("SELECT pg_backend_pid()").value();
    REQUIRE_FALSE(pid.empty());
    pids.insert(pid);
  }
  return pids;
}

/// How many servers two sets have in common.
std::size_t shared(const std::set<std::string>& one, const std::set<std::string>& other) {
  std::size_t count = 0;
  for (const std::string& pid : one) {
    count += other.count(pid);
  }
  return count;
}

std::string pools(const std::string& isolate) {
  return "  mode: transaction\n  size: 4\n  isolate: " + isolate + "\n";
}

}  // namespace

TEST_CASE("without isolation two uids with one role share servers") {
  if (skipWithoutRoot()) {
    return;
  }
  const Scene scene({.rules = everybodyMayBe("app"), .pools = pools("none")});
  const auto one = serversOf(scene, stranger(0));
  CHECK(shared(one, serversOf(scene, stranger(1))) > 0);
}

TEST_CASE("with isolate: uid no server is ever seen by two uids (check 37)") {
  if (skipWithoutRoot()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  const Scene scene({.workers = workers, .rules = everybodyMayBe("app"), .pools = pools("uid")});
  std::vector<std::set<std::string>> seen(3);
  for (int round = 0; round < 4; ++round) {
    for (unsigned uid = 0; uid < 3; ++uid) {
      seen[uid].merge(serversOf(scene, stranger(uid)));
    }
  }
  CHECK(shared(seen[0], seen[1]) == 0);
  CHECK(shared(seen[0], seen[2]) == 0);
  CHECK(shared(seen[1], seen[2]) == 0);
  // Each uid keeps its own: they are not opened anew each time.
  CHECK(seen[0].size() <= 4);
}

TEST_CASE(
    "with isolate: identity sessions of one identity meet and those of two never (check 37)") {
  if (skipWithoutRoot()) {
    return;
  }
  const Scene scene(
      {.rules = "  - name: all\n    allow: [shop, stock]\n    listener: pg\n    databases: [shop]\n"
                "    roles: [app]\n    isolate: identity\n    application_name: \"${identity}\"\n",
       .pools = pools("none"),
       .top = "identities:\n  shop: { uid: 61001-61002 }\n  stock: { uid: 61003 }\n"});
  const auto one = serversOf(scene, stranger(0));
  CHECK(shared(one, serversOf(scene, stranger(1))) > 0);
  CHECK(shared(one, serversOf(scene, stranger(2))) == 0);
  Pq client = scene.connect("user=app dbname=shop", stranger(2));
  CHECK(client.exec("SHOW application_name").value() == "stock");
}

TEST_CASE("with isolate: rule two rules have servers of their own and other settings") {
  if (skipWithoutRoot()) {
    return;
  }
  const auto rule = [](const std::string& name, const std::string& uid, const std::string& more) {
    return "  - name: " + name + "\n    allow: { uid: " + uid +
           " }\n    listener: pg\n    databases: [shop]\n    roles: [app]\n" + more;
  };
  const Scene scene({.rules = rule("one", "61001", "    isolate: rule\n") +
                              rule("two", "61002", "    pool: { mode: session, size: 7 }\n")});
  CHECK(shared(serversOf(scene, stranger(0)), serversOf(scene, stranger(1))) == 0);
}

TEST_CASE("a reload that separates uids ends the sessions that shared servers") {
  if (skipWithoutRoot()) {
    return;
  }
  const Scene scene({.rules = everybodyMayBe("app"), .pools = pools("none")});
  Pq client = scene.connect("user=app dbname=shop", stranger(0));
  REQUIRE(client.exec("SELECT 1").ok);
  const auto before = serversOf(scene, stranger(0));
  std::string config = scene.config();
  config.replace(config.find("isolate: none"), 13, "isolate: uid");
  scene.peerpool().replaceConfig(config);
  REQUIRE(scene.peerpool().reload().exit_code == 0);
  const auto revoked = scene.peerpool().waitForEvents("client revoked", 1);
  REQUIRE(revoked.size() == 1);
  CHECK(revoked[0]["reason"] == "it would get another database, role or pool");
  CHECK_FALSE(client.exec("SELECT 1").ok);
  CHECK(shared(before, serversOf(scene, stranger(1))) == 0);
}

}  // namespace peerpool::testing
