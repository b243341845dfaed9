// mode: audit of a running peerpool: who it lets in, who learns of it, and its end.

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>
#include <string>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

std::string mode(std::chrono::seconds rest) {
  const std::time_t until =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + rest);
  std::tm parts{};
  std::array<char, 32> text{};
  REQUIRE(::gmtime_r(&until, &parts) != nullptr);
  REQUIRE(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) > 0);
  return std::string("mode: audit\naudit_until: \"") + text.data() + "\"\n";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("mode: audit lets in as oneself and says so everywhere and ends at its date (check 53)") {
  if (skipWithoutRoot()) {
    return;
  }
  const TempDir audit;
  const std::string rules =
      "  - name: one\n    allow: { uid: 61001 }\n    listener: pg\n    databases: [shop]\n"
      "    roles: [app]\n";
  const std::string head = mode(std::chrono::hours(1));
  Scene scene({.rules = rules,
               .top = head + "audit: { to: \"file:" + audit / "audit.jsonl" + "\" }\n",
               .prepare = "CREATE ROLE app LOGIN; CREATE ROLE root LOGIN; CREATE ROLE boss LOGIN "
                          "SUPERUSER; CREATE DATABASE shop; "});
  CHECK(scene.peerpool().events("mode").size() == 1);
  CHECK(contains(scene.peerpool().log(), "nobody is denied but by never"));
  CHECK(contains(scene.peerpool().status({}).output, "mode audit until "));

  Pq let_in = scene.connect("user=root dbname=shop");
  INFO(let_in.error());
  REQUIRE(let_in.connected());
  CHECK(let_in.exec("SELECT session_user").value() == "root");
  REQUIRE(scene.peerpool().waitForEvents("client would be denied", 1).size() == 1);
  // Not as anybody else, and nobody without a name.
  requireDenied(scene, scene.connect("user=app dbname=shop"));
  requireDenied(scene, scene.connect("user=app dbname=shop", stranger(1)));
  CHECK(scene.connect("user=app dbname=shop", stranger(0)).connected());

  std::string config = scene.config();
  config.replace(config.find(head), head.size(), mode(std::chrono::seconds(3)));
  scene.peerpool().replaceConfig(config);
  REQUIRE(scene.peerpool().reload().exit_code == 0);
  CHECK(let_in.exec("SELECT 1").ok);
  REQUIRE(scene.peerpool().waitForEvents("client revoked", 1).size() == 1);
  CHECK_FALSE(let_in.exec("SELECT 1").ok);
  requireDenied(scene, scene.connect("user=root dbname=shop"));
  const auto told = scene.peerpool().waitForEvents("mode", 2);
  REQUIRE(told.size() == 2);
  CHECK(told[1]["mode"] == "enforce");
  CHECK_FALSE(contains(scene.peerpool().status({}).output, "mode audit"));

  const Finished again = scene.peerpool().reload();
  CHECK(again.exit_code != 0);
  CHECK(contains(again.output + again.errors, "audit_until is in the past"));
}

TEST_CASE("mode: audit lets in nobody past superuser and never (check 53)") {
  if (skipWithoutRoot()) {
    return;
  }
  Scene scene({.rules = "  - { name: none, deny: anyone, listener: pg }\n",
               .top = mode(std::chrono::hours(1)) +
                      "never:\n  - { name: quarantine, who: { uid: 61001 } }\n",
               .prepare = "CREATE ROLE root LOGIN SUPERUSER; CREATE DATABASE shop; "});
  // The role is a superuser, which shows when a server is open.
  Pq root = scene.connect("user=root dbname=shop");
  CHECK_FALSE((root.connected() && root.exec("SELECT 1").ok));
  requireDenied(scene, scene.connect("user=root dbname=shop", stranger(0)));
}

TEST_CASE("what mode: audit lets in is in the audit log beside the login (check 53)") {
  if (skipWithoutRoot()) {
    return;
  }
  const TempDir files;
  Scene scene({.rules = "  - { name: none, deny: anyone, listener: pg }\n",
               .top = mode(std::chrono::hours(1)) + "audit: { to: \"file:" + files / "audit.jsonl" +
                      "\", required: true }\n",
               .prepare = "CREATE ROLE root LOGIN; CREATE DATABASE shop; "});
  CHECK(scene.connect("user=root dbname=shop").connected());
  const std::string path = files / "audit.jsonl";
  CHECK(eventually([&] {
    return exists(path) && contains(readFile(path), "\"event.action\":\"login-would-be-denied\"");
  }));
  const std::string text = readFile(path);
  CHECK(contains(text, "\"event.action\":\"mode-changed\""));
  CHECK(contains(text, "\"event.reason\":\"audit until "));
  CHECK(contains(text, "\"event.action\":\"login-allowed\""));
  CHECK(contains(text, "\"rule.name\":\"mode: audit\""));
  CHECK(contains(text, "rule \\\"none\\\" denies"));
}

}  // namespace peerpool::testing
