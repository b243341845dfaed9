// Rules that file permissions contradict.

#include "auth/shut_out.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/auth/check_fixture.h"

namespace peerpool::auth {
namespace {

using namespace test;  // NOLINT: the short names are what the fixture is for.
using Texts = std::vector<std::string>;

Texts problems(const config::Config& config, const FakeFiles& files = {}) {
  FakeAccounts accounts;
  config::Diagnostics out;
  checkShutOut(config, accounts, files, service(), out);
  return texts(out);
}

config::Config withSocket(config::Matcher matcher, mode_t mode, const char* group_name = nullptr) {
  config::Config config = configOf({allow("r", who(std::move(matcher)))});
  config.listeners[0].mode = mode;
  if (group_name != nullptr) {
    config.listeners[0].group = name(group_name);
  }
  return config;
}

TEST_CASE("a group that no bit of the socket lets in is an error with a way out") {
  FakeAccounts accounts;
  config::Diagnostics out;
  checkShutOut(withSocket(group("clients"), 0600), accounts, FakeFiles(), service(), out);
  REQUIRE(texts(out) ==
          Texts{"error rules[0]: rule \"r\" lets in group clients, but the socket of listener "
                "\"pg\" does not (mode 0600, owner uid 900, group gid 900, no acl)"});
  CHECK(out.sorted()[0].hint == "add { group: clients } to acl: of listeners.pg");
  CHECK(config::describe(out.sorted()[0].where) == "policy.yaml:10:5");
}

TEST_CASE("who gets in, and who does not") {
  struct Row {
    const char* what;
    config::Matcher matcher;
    mode_t mode;
    const char* group_name;
    std::string severity;  // Empty: no problem.
  };
  config::Matcher one_uid;
  one_uid.uids = {{1003, 1003}};
  config::Matcher range;
  range.uids = {{1000, 2000}};
  config::Matcher narrowed = user("alice");
  narrowed.groups = {name("clients")};
  config::Matcher in_unit = user("carol");
  in_unit.process.units = {{"cron.service", {}}};
  const Row rows[] = {
      {"group owns", group("clients"), 0660, "clients", ""},
      {"group owns, no bit", group("clients"), 0640, "clients", "error"},
      {"group owns, class trap", group("clients"), 0606, "clients", "warning"},
      {"open", group("clients"), 0666, nullptr, ""},
      {"another group", group("clients"), 0660, "dba", "warning"},
      {"user by group", user("bob"), 0660, "clients", ""},
      {"user not in group", user("carol"), 0660, "clients", "error"},
      {"user, closed", user("alice"), 0600, nullptr, "error"},
      {"root passes", user("root"), 0000, nullptr, ""},
      {"single uid", one_uid, 0600, nullptr, "error"},
      {"a range names nobody", range, 0600, nullptr, ""},
      {"under any", anyOf({user("root"), user("carol")}), 0600, nullptr, "error"},
      {"user in a unit, closed", in_unit, 0600, nullptr, "error"},
      {"user in a unit, not in group", in_unit, 0660, "clients", "warning"},
      {"user in a unit, open", in_unit, 0666, nullptr, ""},
      {"not matched anyway", narrowed, 0600, nullptr, ""},
      {"only a negation", notOf(user("alice")), 0600, nullptr, ""},
      {"overflow uid", user("nobody"), 0666, nullptr, "error"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Texts found = problems(withSocket(row.matcher, row.mode, row.group_name));
    CHECK(found.size() == (row.severity.empty() ? 0 : 1));
    CHECK((found.empty() ? "" : found[0].substr(0, found[0].find(' '))) == row.severity);
  }
}

TEST_CASE("entries of the acl, owner and setgid directory let in") {
  config::Config config = withSocket(group("clients"), 0600);
  config.listeners[0].acl = {{name("clients"), true}};
  CHECK(problems(config).empty());
  config = withSocket(user("carol"), 0600);
  config.listeners[0].acl = {{name("carol"), false}};
  CHECK(problems(config).empty());
  config = withSocket(user("carol"), 0600);
  config.listeners[0].owner = name("carol");
  CHECK(problems(config).empty());
  FakeFiles files;
  files.directory("/run/peerpool", kServiceUid, 1300, 02755);
  CHECK(problems(withSocket(group("clients"), 0660), files).empty());
}

TEST_CASE("identities are looked into; denies, anyone and other listeners are not") {
  config::Config config = configOf({allow("r", {}), deny("d", who(user("carol"))),
                                    allow("a", anyone()), allow("o", who(user("carol")))});
  config.rules[0].who.identities = {"web"};
  config.rules[3].listeners = {"elsewhere"};
  config.identities.push_back({"web", user("carol")});
  config.listeners[0].mode = 0600;
  const Texts found = problems(config);
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("rule \"r\" lets in user carol") != std::string::npos);
}

TEST_CASE("a directory that cannot be searched shuts out too") {
  const auto with = [](mode_t mode, bool has_acl = false) {
    FakeFiles files;
    files.directory("/run/peerpool", kServiceUid, 1300, mode, has_acl);
    return files;
  };
  const config::Config open_socket = withSocket(user("carol"), 0666);
  CHECK(problems(open_socket, with(0755)).empty());
  CHECK(problems(open_socket, with(0750)) ==
        Texts{"error rules[0]: rule \"r\" lets in user carol, but cannot search directory "
              "/run/peerpool of listener \"pg\" (mode 0750, owner uid 900, group gid 1300)"});
  // An ACL that was not read may let it through.
  CHECK(problems(open_socket, with(0750, true)).empty());
  CHECK(problems(withSocket(user("bob"), 0666), with(0750)).empty());
  CHECK(problems(withSocket(group("dba"), 0666), with(0750))[0].substr(0, 7) == "warning");
  CHECK(problems(withSocket(group("dba"), 0666), with(0700))[0].substr(0, 5) == "error");
  CHECK(problems(withSocket(user("root"), 0666), with(0700)).empty());
}

TEST_CASE("a directory that peerpool makes has the configured mode and its listeners' entries") {
  config::Config config = withSocket(user("carol"), 0666);
  config::Directory directory;
  directory.path = "/run/peerpool";
  directory.create = true;
  directory.mode = 0700;
  config.directories.push_back(directory);
  CHECK(problems(config).size() == 1);
  config.listeners[0].acl = {{name("carol"), false}};
  CHECK(problems(config).empty());
  config.listeners[0].acl.clear();
  config.directories[0].mode = 0711;
  CHECK(problems(config).empty());
}

}  // namespace
}  // namespace peerpool::auth
