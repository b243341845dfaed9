// What an event of the audit log tells of a process.

#include "auth/audit_facts.h"

#include <catch2/catch.hpp>

#include "auth/process_facts.h"

namespace peerpool::auth {
namespace {

Identity placedAt(const std::string& cgroup, Fact<bool> apart) {
  ProcessFacts facts;
  facts.cgroup = Fact<CgroupPlace>::known(*parseCgroupPath(cgroup));
  facts.apart = std::move(apart);
  Identity identity;
  identity.process = std::make_shared<const ProcessFacts>(std::move(facts));
  return identity;
}

TEST_CASE("An event tells the unit and the innermost slice of a process that was looked at") {
  const AuditProcess process = auditProcess(
      placedAt("/system.slice/system-web.slice/web@1.service", Fact<bool>::known(false)));
  CHECK(process.cgroup == "/system.slice/system-web.slice/web@1.service");
  CHECK(process.unit == "web@1.service");
  CHECK(process.user_unit.empty());
  CHECK(process.slice == "system-web.slice");
  CHECK(process.container == "none");
  CHECK(auditProcess(Identity{}).cgroup.empty());
  CHECK(auditProcess(Identity{}).container.empty());
}

TEST_CASE("An event says container: none only when nothing speaks for one") {
  const std::string plain = "/system.slice/web.service";
  CHECK(auditProcess(placedAt(plain, Fact<bool>::known(true))).container == "other");
  CHECK(auditProcess(placedAt(plain, Fact<bool>::unknown("it ended"))).container.empty());
  const std::string docker = "/system.slice/docker-" + std::string(64, 'a') + ".scope";
  CHECK(auditProcess(placedAt(docker, Fact<bool>::known(true))).container == "docker");
}

TEST_CASE("A unit that a user's manager named is told as that user's") {
  const AuditProcess process = auditProcess(
      placedAt("/user.slice/user-1000.slice/user@1000.service/app.slice/postgresql.service",
               Fact<bool>::known(false)));
  CHECK(process.unit == "user@1000.service");
  CHECK(process.user_unit == "postgresql.service");
}

}  // namespace
}  // namespace peerpool::auth
