// Conditions on made-up processes; and what a listener asks of containers.

#include "auth/process_matcher.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "tests/auth/policy_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the fixture of this folder

config::ProcessMatcher source(std::vector<config::TextPattern> config::ProcessMatcher::*key,
                              const std::string& text) {
  config::ProcessMatcher matcher;
  (matcher.*key).push_back({text, {}});
  return matcher;
}

config::ProcessMatcher container(config::ContainerKind kind) {
  config::ProcessMatcher matcher;
  matcher.containers = {kind};
  return matcher;
}

Identity peerIn(ProcessFacts facts) {
  Identity peer = alice();
  peer.process = std::make_shared<const ProcessFacts>(std::move(facts));
  return peer;
}

Identity peerAt(const std::string& path) {
  ProcessFacts facts;
  facts.cgroup = Fact<CgroupPlace>::known(*parseCgroupPath(path));
  facts.apart = Fact<bool>::known(false);
  return peerIn(std::move(facts));
}

Identity nobodyLooked() {
  Identity peer = alice();
  peer.process = nullptr;
  return peer;
}

using Source = config::ProcessMatcher;

TEST_CASE("A unit is compared whole, and a * stands for an instance") {
  const ProcessMatcher web(source(&Source::units, "web.service"), {});
  CHECK(web.matches(peerAt("/system.slice/web.service")) == Truth::Yes);
  CHECK(web.matches(peerAt("/system.slice/web2.service")) == Truth::No);
  CHECK(web.matches(peerAt("/")) == Truth::No);
  const ProcessMatcher any(source(&Source::units, "web@*.service"), {});
  CHECK(any.matches(peerAt("/system.slice/system-web.slice/web@7.service")) == Truth::Yes);
  CHECK(any.matches(peerAt("/system.slice/web.service")) == Truth::No);
}

TEST_CASE("A user's own unit of a trusted name does not match (check 6)") {
  const ProcessMatcher postgres(source(&Source::units, "postgresql.service"), {});
  const Identity attacker =
      peerAt("/user.slice/user-6500.slice/user@6500.service/app.slice/postgresql.service");
  CHECK(postgres.matches(attacker) == Truth::No);
  CHECK(postgres.whyNot(attacker) ==
        "the process is not of unit postgresql.service: its unit is \"user@6500.service\"; what a "
        "user's manager calls \"postgresql.service\" does not count");
}

TEST_CASE("A slice means what is below it too") {
  const ProcessMatcher ci(source(&Source::slices, "ci.slice"), {});
  CHECK(ci.matches(peerAt("/ci.slice/ci-nightly.slice/job.service")) == Truth::Yes);
  CHECK(ci.matches(peerAt("/system.slice/job.service")) == Truth::No);
  CHECK(ci.matches(peerAt("/system.slice/job.service/ci.slice/x.service")) == Truth::No);
}

TEST_CASE("A cgroup is compared whole or with what is below it") {
  const ProcessMatcher exact(source(&Source::cgroups, "/jobs"), {});
  CHECK(exact.matches(peerAt("/jobs")) == Truth::Yes);
  CHECK(exact.matches(peerAt("/jobs/1")) == Truth::No);
  const ProcessMatcher below(source(&Source::cgroups, "/jobs/*"), {});
  CHECK(below.matches(peerAt("/jobs/1/2")) == Truth::Yes);
  CHECK(below.matches(peerAt("/jobs")) == Truth::No);
}

TEST_CASE("What is not known makes a condition unknown and says why (check 15)") {
  for (const auto key : {&Source::units, &Source::slices, &Source::cgroups, &Source::executables,
                         &Source::digests, &Source::selinux, &Source::apparmor}) {
    const ProcessMatcher matcher(source(key, "/x"), {});
    CHECK(matcher.matches(nobodyLooked()) == Truth::Unknown);
    CHECK(matcher.whyNot(nobodyLooked()).find("nobody looked at it") != std::string::npos);
  }
  const ProcessMatcher none(container(config::ContainerKind::None), {});
  CHECK(none.matches(nobodyLooked()) == Truth::Unknown);
  ProcessFacts dead;
  dead.cgroup = Fact<CgroupPlace>::unknown("it ended");
  CHECK(ProcessMatcher(source(&Source::units, "x.service"), {}).whyNot(peerIn(dead)) ==
        "it cannot be known whether the process is of unit x.service: it ended");
}

TEST_CASE("Unknown allows nobody and denies everybody (check 15)") {
  config::Matcher unit;
  unit.process = source(&Source::units, "web.service");
  config::Config config = configOf({allow("web", who(unit))});
  config.listeners.front().containers = config::Containers::Allow;
  CHECK(policyOf(config)->login(nobodyLooked(), {"pg", "shop", ""}).verdict == Verdict::Deny);
  config.rules = {deny("not web", who(unit)), allow("all", anyone())};
  CHECK(policyOf(config)->login(nobodyLooked(), {"pg", "shop", ""}).rule == "not web");
  CHECK(policyOf(config)->login(peerAt("/"), {"pg", "shop", ""}).rule == "all");
}

TEST_CASE("An executable must be the very file that was named at load (check 4)") {
  const FileId file{1, 42, 7};
  const ProcessMatcher psql(source(&Source::executables, "/usr/bin/psql"), {file});
  Executable program;
  program.path = "/usr/bin/psql";
  program.file = file;
  program.roots_alone = true;
  const auto peerWith = [](const Executable& executable) {
    ProcessFacts facts;
    facts.executable = Fact<Executable>::known(executable);
    return peerIn(std::move(facts));
  };
  CHECK(psql.matches(peerWith(program)) == Truth::Yes);
  program.path = "/another/name";
  CHECK(psql.matches(peerWith(program)) == Truth::Yes);
  program.path = "/usr/bin/psql";
  program.roots_alone = false;
  CHECK(psql.matches(peerWith(program)) == Truth::Unknown);
  CHECK(psql.whyNot(peerWith(program)).find("others than root may write") != std::string::npos);
  program.roots_alone = true;
  for (const FileId& another : {FileId{2, 42, 7}, FileId{1, 43, 7}, FileId{1, 42, 8}}) {
    program.file = another;
    CHECK(psql.matches(peerWith(program)) == Truth::No);
  }
  CHECK(psql.whyNot(peerWith(program)) ==
        "the process is not of exe /usr/bin/psql: it runs \"/usr/bin/psql\", but that path led "
        "to another file when the configuration was loaded");
  program.deleted = true;
  CHECK(psql.whyNot(peerWith(program)).find("removed or replaced") != std::string::npos);
}

TEST_CASE("A program that was not found at load matches nobody") {
  const ProcessMatcher lost(source(&Source::executables, "/usr/bin/psql"), {std::nullopt});
  ProcessFacts facts;
  facts.executable = Fact<Executable>::known(Executable{});
  CHECK(lost.matches(peerIn(std::move(facts))) == Truth::No);
}

TEST_CASE("A digest is compared whole, and is unknown when the file could not be read (check 33)") {
  const ProcessMatcher digest(source(&Source::digests, std::string(64, 'a')), {});
  Executable program;
  const auto peerWith = [](const Executable& executable) {
    ProcessFacts facts;
    facts.executable = Fact<Executable>::known(executable);
    return peerIn(std::move(facts));
  };
  program.sha256_why_not = "it is too large";
  CHECK(digest.matches(peerWith(program)) == Truth::Unknown);
  CHECK(digest.whyNot(peerWith(program)).find("it is too large") != std::string::npos);
  program.sha256 = std::string(64, 'a');
  CHECK(digest.matches(peerWith(program)) == Truth::Yes);
  program.sha256.back() = 'b';
  CHECK(digest.matches(peerWith(program)) == Truth::No);
}

TEST_CASE("A program is looked at only for those of whom a rule asks it") {
  config::Matcher matcher = user("bob");
  matcher.process = source(&Source::digests, std::string(64, 'a'));
  Identity nobody_looked = bob();
  nobody_looked.process = nullptr;
  config::Config config = configOf({allow("bob", who(matcher))});
  config.listeners.front().containers = config::Containers::Allow;
  CHECK(policyOf(config)->looks("pg").sha256);
  CHECK(policyOf(config)->missing(nobody_looked, "pg").sha256);
  CHECK_FALSE(policyOf(config)->missing(nobodyLooked(), "pg").any());
  CHECK_FALSE(policyOf(config)->missing(nobody_looked, "other").any());
}

TEST_CASE("Labels are compared with globs, and a profile that only complains is another one") {
  const auto labelled = [](const std::string& label) {
    ProcessFacts facts;
    facts.label = Fact<std::string>::known(label);
    return peerIn(std::move(facts));
  };
  const ProcessMatcher web(source(&Source::apparmor, "web"), {});
  CHECK(web.matches(labelled("web (enforce)")) == Truth::Yes);
  CHECK(web.matches(labelled("web (complain)")) == Truth::No);
  const ProcessMatcher type(source(&Source::selinux, "*:*:web_t:*"), {});
  CHECK(type.matches(labelled("system_u:system_r:web_t:s0")) == Truth::Yes);
  CHECK(type.matches(labelled("system_u:system_r:other_t:s0")) == Truth::No);
}

TEST_CASE("A listener keeps containers out, or everybody else (check 10)") {
  ProcessFacts inside;
  inside.cgroup = Fact<CgroupPlace>::known(*parseCgroupPath("/"));
  inside.apart = Fact<bool>::known(true);
  config::Config config = configOf({allow("all", anyone())});
  const Request request{"pg", "shop", ""};
  CHECK(policyOf(config)->login(alice(), request).verdict == Verdict::Allow);
  const Decision denied = policyOf(config)->login(peerIn(inside), request);
  CHECK(denied.rule == "containers: deny");
  CHECK(denied.where.line == 3);
  CHECK(policyOf(config)->accept(peerIn(inside), "pg").rule == "containers: deny");
  CHECK(policyOf(config)->explain(peerIn(inside), request).back().decides);
  CHECK(policyOf(config)->login(nobodyLooked(), request).rule == "containers: deny");
  config.listeners.front().containers = config::Containers::Only;
  CHECK(policyOf(config)->login(alice(), request).rule == "containers: only");
  CHECK(policyOf(config)->login(peerIn(inside), request).verdict == Verdict::Allow);
  config.listeners.front().containers = config::Containers::Allow;
  CHECK(policyOf(config)->login(peerIn(inside), request).verdict == Verdict::Allow);
  CHECK(policyOf(config)->login(nobodyLooked(), request).verdict == Verdict::Allow);
}

TEST_CASE("A listener pays only for what its rules ask") {
  config::Matcher unit;
  unit.process = source(&Source::units, "web.service");
  config::Config config = configOf({allow("all", anyone()), allow("web", who(user("alice")))});
  config.listeners.front().containers = config::Containers::Allow;
  CHECK_FALSE(policyOf(config)->looks("pg").any());
  config.never = {never("no web", who(unit))};
  CHECK(policyOf(config)->looks("pg").cgroup);
  CHECK_FALSE(policyOf(config)->looks("pg").apart);
  CHECK_FALSE(policyOf(config)->looks("other").any());
  config.never.clear();
  config.rules.back().bind_to_process = true;
  CHECK(policyOf(config)->looks("pg").lifetime);
  config.listeners.front().containers = config::Containers::Deny;
  CHECK(policyOf(config)->looks("pg").apart);
}

}  // namespace
}  // namespace peerpool::auth
