// Units without a unit file.

#include "auth/unit_files.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/check_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.
using Texts = std::vector<std::string>;

FakeFiles withSystemd() {
  FakeFiles files;
  files.directory("/run/systemd/system", 0, 0, 0755);
  files.directory("/usr/lib/systemd/system/web.service", 0, 0, 0644);
  files.directory("/etc/systemd/system/job@.service", 0, 0, 0644);
  return files;
}

Texts problems(const std::vector<std::string>& units, const FakeFiles& files) {
  config::Matcher matcher = user("alice");
  for (const std::string& unit : units) {
    matcher.process.units.push_back({unit, {"policy.yaml", 7, 3}});
  }
  config::Config config = configOf({allow("r", who(matcher))});
  config::Diagnostics out;
  checkUnitFiles(config, files, out);
  return texts(out);
}

TEST_CASE("a service without a unit file is a warning where systemd runs") {
  const std::string misspelt = "wbe.service";
  CHECK(problems({"web.service", misspelt}, withSystemd()) ==
        Texts{"warning rules[0]: systemd has no unit file for \"wbe.service\" here"});
  CHECK(problems({misspelt}, FakeFiles()).empty());
}

TEST_CASE("an instance comes from its template, and patterns and scopes have no file") {
  CHECK(problems({"job@7.service", "other@*.service", "session-3.scope"}, withSystemd()).empty());
  CHECK(problems({"other@7.service"}, withSystemd()).size() == 1);
}

TEST_CASE("what cannot be looked at is not complained about") {
  FakeFiles files = withSystemd();
  files.unreadable = "/etc/systemd/system/wbe.service";
  CHECK(problems({"wbe.service"}, files).empty());
}

}  // namespace
}  // namespace peerpool::auth
