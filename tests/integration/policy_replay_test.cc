// The audit log of a running peerpool, read back: replayed under other policies, and asked about
// the reference that a denied client was told.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

bool says(const Finished& finished, const std::string& text) {
  return finished.output.find(text) != std::string::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("an audit log is replayed under another policy and a reference is explained") {
  const TempDir files;
  const std::string log = files / "audit.jsonl";
  Scene scene({.rules = everybodyMayBe("app"),
               .top = "audit: { to: \"file:" + log + "\", required: true }\n"});
  REQUIRE(scene.connect().exec("SELECT 1").ok);
  REQUIRE(scene.connect().exec("SELECT 1").ok);
  const LogLine denied = requireDenied(scene, scene.connect("user=other dbname=shop"));
  scene.stopPeerpool();
  const std::string config = scene.directory() / "peerpool.yaml";

  const Finished same = runPeerpool({"policy", "replay", "--config", config, log});
  INFO(same.describe());
  CHECK(same.exit_code == 0);
  CHECK(says(same, "decided anew: 3, changed: 0, the same by another rule: 0\n"));

  const std::string other = files / "other.yaml";
  writeFile(other, replaced(scene.config(), "roles: [app]", "roles: [other]"));
  const Finished changed = runPeerpool({"policy", "replay", "--config", other, log});
  INFO(changed.describe());
  CHECK(changed.exit_code == 1);
  CHECK(says(changed, "decided anew: 3, changed: 3,"));
  CHECK(says(changed,
             "role \"app\": was allowed as role \"app\" by rule \"everybody\", now denied "
             "by rule \"default\"; 2 times, as ref "));
  CHECK(says(changed,
             "role \"other\": was denied by rule \"default\", now allowed as role "
             "\"other\" by rule \"everybody\"; 1 time, as ref " +
                 denied["ref"] + "\n"));

  const Finished then = runPeerpool({"explain", "--config", config, "--reference", denied["ref"]});
  INFO(then.describe());
  CHECK(then.exit_code == 77);
  CHECK(says(then, "event " + denied["ref"] + ": login-denied at "));
  CHECK(says(then, "decision then: denied by rule \"default\"\n"));
  CHECK(says(then, "decision at login: denied\n"));
  const Finished now =
      runPeerpool({"explain", "--config", other, "--reference", denied["ref"], log});
  CHECK(now.exit_code == 0);
  CHECK(says(now, "decision at login: allowed by rule \"everybody\""));
  CHECK(runPeerpool({"explain", "--config", config, "--reference", "NONE"}).exit_code == 66);

  const Finished difference = runPeerpool({"policy", "diff", config, other});
  INFO(difference.describe());
  CHECK(difference.exit_code == 1);
  CHECK(says(difference, "+ somebody whom nothing names"));
  CHECK(says(difference, "- somebody whom nothing names"));
  const Finished who =
      runPeerpool({"who-can", "--config", config, "--database", "shop", "--role", "app"});
  CHECK(who.exit_code == 0);
  CHECK(says(who, "by rule \"everybody\""));
}

}  // namespace peerpool::testing
