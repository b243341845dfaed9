#include "config/changes.h"

#include <catch2/catch.hpp>

namespace peerpool::config {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a configuration that changes nothing of the process is left as it is") {
  Config running;
  Config wanted;
  wanted.log.level = LogSeverity::Debug;  // May change while it runs.
  CHECK(keepUntilRestart(running, wanted).empty());
  CHECK(wanted.log.level == LogSeverity::Debug);
}

TEST_CASE("what needs a restart stays as it runs, and is named with both values") {
  Config running;
  running.process.workers = 2;
  Config wanted;
  wanted.process = {4, IoEngine::IoUring, 5, 1min};
  wanted.log = {LogSeverity::Info, LogFormat::Json, LogTarget::File, "/var/log/other"};
  wanted.audit = {"/var/log/audit", true};
  CHECK(keepUntilRestart(running, wanted) ==
        std::vector<std::string>{"process.workers: 2 runs, 4 needs a restart",
                                 "process.io_engine: auto runs, io_uring needs a restart",
                                 "process.max_clients: 10000 runs, 5 needs a restart",
                                 "process.shutdown_timeout: 30s runs, 1m needs a restart",
                                 "log.format: text runs, json needs a restart",
                                 "log.to: stderr runs, a file needs a restart",
                                 "log.to file: none runs, /var/log/other needs a restart",
                                 "audit.to: none runs, /var/log/audit needs a restart",
                                 "audit.required: false runs, true needs a restart"});
  CHECK(wanted.process.workers == 2);
  CHECK(wanted.process.io_engine == IoEngine::Auto);
  CHECK(wanted.process.max_clients == 10000);
  CHECK(wanted.process.shutdown_timeout == 30s);
  CHECK(wanted.log.file.empty());
  CHECK(wanted.log.target == LogTarget::StandardError);
  CHECK_FALSE(wanted.audit.required);
}

TEST_CASE("servers of a backend stay of use unless their place, peer or login changed") {
  Backend before;
  before.socket_path = "/run/postgresql/.s.PGSQL.5432";
  before.expect_peer = Matcher{};
  before.expect_peer->users = {{"postgres", std::nullopt, {"a.yaml", 1, 1}}};
  before.secret_files = {{"app", "/etc/secret"}};
  Backend after = before;
  after.expect_peer->users[0].where.line = 9;
  after.max_connections = 3;
  after.connect_timeout = 1s;
  CHECK(sameServers(before, after));

  const auto differs = [&](auto change) {
    Backend other = before;
    change(other);
    return !sameServers(before, other) && !sameServers(other, before);
  };
  CHECK(differs([](Backend& one) { one.socket_path = "/run/other"; }));
  CHECK(differs([](Backend& one) { one.login = LoginMethod::Scram; }));
  CHECK(differs([](Backend& one) { one.secret_files["app"] = "/etc/other"; }));
  CHECK(differs([](Backend& one) { one.expect_peer.reset(); }));
  CHECK(differs([](Backend& one) { one.expect_peer->users[0].name = "mallory"; }));
  CHECK(differs([](Backend& one) { one.expect_peer->uids = {{1, 1}}; }));
  CHECK(differs([](Backend& one) { one.expect_peer->groups = one.expect_peer->users; }));
  CHECK(differs([](Backend& one) { one.expect_peer->gids = {{1, 2}}; }));
  CHECK(differs([](Backend& one) { one.expect_peer->unmapped = true; }));
  CHECK(differs([](Backend& one) { one.expect_peer->process.units = {{"x.service", {}}}; }));
  CHECK(differs([](Backend& one) { one.expect_peer->process.slices = {{"x.slice", {}}}; }));
  CHECK(differs([](Backend& one) { one.expect_peer->process.cgroups = {{"/x", {}}}; }));
  CHECK(differs([](Backend& one) { one.expect_peer->process.containers = {ContainerKind::None}; }));
  CHECK(differs([](Backend& one) { one.expect_peer->any = {Matcher{}}; }));
  CHECK(differs([](Backend& one) { one.expect_peer->not_all_of = {Matcher{}}; }));
}

}  // namespace
}  // namespace peerpool::config
