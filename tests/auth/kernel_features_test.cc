#include "auth/kernel_features.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/auth/policy_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the fixture of this folder

config::Matcher unit(const std::string& name) {
  config::Matcher matcher;
  matcher.process.units.push_back({name, {}});
  matcher.where = {"policy.yaml", 7, 5};
  return matcher;
}

std::string said(config::Config& config, const KernelFeatures& features) {
  config::Diagnostics out;
  adaptToKernel(config, features, out);
  std::string text;
  for (const config::Diagnostic& diagnostic : out.sorted()) {
    text += (diagnostic.severity == config::Diagnostic::Severity::Error ? "error " : "warning ") +
            std::to_string(diagnostic.where.line) + '\n';
  }
  return text;
}

const KernelFeatures kOld{false, true};

TEST_CASE("Keys that a kernel cannot judge are errors (check 56)") {
  config::Config config = configOf({allow("web", who(unit("web.service")))});
  config.listeners.front().containers = config::Containers::Allow;
  CHECK(said(config, {}) == "");
  CHECK(said(config, kOld) == "error 7\n");
  CHECK(said(config, {true, false}) == "error 7\n");
  config.allow_racy_attestation = true;
  CHECK(said(config, kOld) == "");
}

TEST_CASE("Keys below any and not, of identities, never and expect_peer count too") {
  config::Config config = configOf({});
  config.listeners.front().containers = config::Containers::Allow;
  config.identities.push_back({"web", anyOf({user("alice"), unit("web.service")})});
  config.never.push_back(never("no ci", who(notOf(unit("ci.service")))));
  config.backends.emplace_back().expect_peer = unit("postgresql.service");
  CHECK(said(config, kOld) == "error 0\nerror 0\nerror 7\n");
}

TEST_CASE("Who asks for programs needs the helper, and nobody else does (check 56)") {
  config::Matcher digest = user("alice");
  digest.process.digests.push_back({std::string(64, 'a'), {}});
  digest.where = {"policy.yaml", 8, 5};
  config::Config config = configOf({allow("alice", who(digest))});
  KernelFeatures features;
  features.unattested = "it is not there";
  CHECK(asksForPrograms(config));
  CHECK(said(config, features) == "error 8\n");
  features.attestation_required = false;
  CHECK(said(config, features) == "warning 8\n");
  CHECK(said(config, {}) == "");
  config::Config other = configOf({allow("web", who(unit("web.service")))});
  CHECK_FALSE(asksForPrograms(other));
  CHECK(said(other, features) == "");
  other.identities.push_back({"alice", anyOf({user("bob"), digest})});
  CHECK(asksForPrograms(other));
}

TEST_CASE("A session cannot be bound to a process that cannot be named") {
  config::Config config = configOf({allow("bound", anyone())});
  config.listeners.front().containers = config::Containers::Allow;
  config.rules.front().bind_to_process = true;
  CHECK(said(config, kOld) == "error 10\n");
}

TEST_CASE("The default of containers is given up with a warning and what was written is not") {
  config::Config config = configOf({});
  CHECK(said(config, kOld) == "warning 3\n");
  CHECK(config.listeners.front().containers == config::Containers::Allow);
  config::Config written = configOf({});
  written.listeners.front().containers_given = true;
  CHECK(said(written, kOld) == "error 3\n");
  CHECK(written.listeners.front().containers == config::Containers::Deny);
}

}  // namespace
}  // namespace peerpool::auth
