// Names of the configuration as numbers for sockets and directories.

#include "proxy/server/socket_plan.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "proxy/server/application.h"
#include "tests/proxy/server/server_fakes.h"

namespace peerpool::server {
namespace {

config::AccountName named(const std::string& name) {
  config::AccountName account;
  account.name = name;
  return account;
}

config::AccountName numbered(std::uint32_t number) {
  config::AccountName account;
  account.number = number;
  return account;
}

TEST_CASE("A listener's accounts become numbers") {
  FakeAccounts accounts;
  config::Listener listener;
  listener.path = "/run/x/s";
  listener.mode = 0660;
  listener.owner = named("bob");
  listener.group = named("dba");
  listener.acl = {{named("alice"), false}, {numbered(77), true}};
  const net::SocketFileOptions options = socketFileOptions(listener, accounts);
  CHECK(options.path == "/run/x/s");
  CHECK(options.access.owner == 1001);
  CHECK(options.access.group == 1200);
  CHECK(options.access.mode == 0660);
  CHECK(options.access.acl == std::vector<net::AclEntry>{{1000, false}, {77, true}});
}

TEST_CASE("What is not configured stays open, what does not resolve is an error") {
  FakeAccounts accounts;
  config::Listener listener;
  CHECK_FALSE(socketFileOptions(listener, accounts).access.owner.has_value());
  CHECK_FALSE(socketFileOptions(listener, accounts).access.group.has_value());
  listener.owner = named("mallory");
  CHECK_THROWS_AS(socketFileOptions(listener, accounts), std::runtime_error);
  config::Directory directory;
  directory.path = "/run/x";
  directory.mode = 0750;
  directory.owner = numbered(5);
  directory.group = named("dba");
  const net::DirectoryOptions options = directoryOptions(directory, accounts);
  CHECK(options.path == "/run/x");
  CHECK(options.mode == 0750);
  CHECK(options.owner == 5);
  CHECK(options.group == 1200);
}

TEST_CASE("Who is in an acl may search the directory right above, if it is ours") {
  FakeAccounts accounts;
  config::Config config;
  for (const char* path : {"/run/x/a", "/run/x/b", "/run/x/deep/c"}) {
    config::Listener& listener = config.listeners.emplace_back();
    listener.path = path;
    listener.acl = {{named("alice"), false}};
  }
  config.listeners[2].acl = {{named("bob"), false}};
  config::Directory directory;
  directory.path = "/run/x/";
  CHECK(searchersOf(directory, config, accounts).empty());
  directory.create = true;
  CHECK(searchersOf(directory, config, accounts) == std::vector<net::AclEntry>{{1000, false}});
}

TEST_CASE("Workers: as configured, else one for every four cores") {
  const auto [configured, cores, expected] = GENERATE(table<std::size_t, unsigned, std::size_t>({
      {0, 0, 1},
      {0, 1, 1},
      {0, 4, 1},
      {0, 8, 2},
      {0, 64, 16},
      {3, 1, 3},
  }));
  CHECK(workerCount(configured, cores) == expected);
}

}  // namespace
}  // namespace peerpool::server
