// The configuration of the simulated service, built without a file.

#include "tests/simulation/surroundings.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "auth/process_facts.h"

namespace peerpool::simulation {
namespace {

class NoAccounts final : public auth::Accounts {
 public:
  Result<std::optional<auth::Account>> userByName(const std::string&) override {
    return std::optional<auth::Account>();
  }
  Result<std::optional<auth::Account>> userByUid(uid_t) override {
    return std::optional<auth::Account>();
  }
  Result<std::optional<gid_t>> groupByName(const std::string&) override {
    return std::optional<gid_t>();
  }
  Result<std::vector<gid_t>> groupsOf(const auth::Account&) override {
    return std::vector<gid_t>();
  }
};

config::PolicyRule rule(const std::string& database, const Shape& shape, std::size_t size) {
  config::PolicyRule made;
  made.name = database;
  made.effect = config::Effect::Allow;
  made.who.anyone = true;
  made.listeners = {"pg"};
  made.databases = {database};
  made.roles = {"shop"};
  made.pool.emplace();
  made.pool->mode = shape.mode;
  made.pool->size = size;
  made.pool->min_size = shape.min_size;
  made.pool->wait_timeout = Duration(3'000);
  made.pool->wait_notice = Duration(300);
  made.pool->idle_timeout = Duration(20'000);
  made.pool->lifetime = Duration(60'000);
  if (shape.limits) {
    made.limits.query = Duration(200);
    made.limits.transaction = Duration(2'000);
    made.limits.idle_in_transaction = Duration(1'000);
    made.limits.client_idle = Duration(3'000);
    made.limits.max_session = Duration(8'000);
  }
  made.limits.clients = shape.clients;
  made.limits.servers_per_uid = shape.servers_per_uid;
  made.on_revoke = shape.on_revoke;
  return made;
}

}  // namespace

std::shared_ptr<const auth::Snapshot> makeSnapshot(const std::string& backend_path,
                                                   const Shape& shape) {
  auto config = std::make_shared<config::Config>();
  config::Backend& backend = config->backends.emplace_back();
  backend.name = "main";
  backend.socket_path = backend_path;
  backend.login = config::LoginMethod::Trust;
  backend.max_connections = shape.places;
  backend.connect_timeout = Duration(2'000);
  config::Listener& listener = config->listeners.emplace_back();
  listener.name = "pg";
  listener.backend = "main";
  listener.limits.login_timeout = Duration(5'000);
  backend.secret_files["nobody"] = "/secret" + std::to_string(shape.secret);
  config->rules = {rule("one", shape, shape.size_one)};
  if (shape.allow_two) {
    config->rules.push_back(rule("two", shape, shape.size_two));
  }
  NoAccounts accounts;
  return std::shared_ptr<const auth::Snapshot>(
      new auth::Snapshot{config, auth::Policy(config, accounts), shape.generation});
}

auth::Admitted admit(std::uint64_t id, UniqueFd fd,
                     const std::shared_ptr<const auth::Snapshot>& snapshot,
                     const std::shared_ptr<std::atomic<std::size_t>>& live, TimePoint now) {
  auth::Admitted admitted;
  admitted.fd = std::move(fd);
  admitted.id = ClientId{id};
  admitted.identity.known = true;
  admitted.identity.pid = ::getpid();
  admitted.identity.uid = ::geteuid();
  admitted.identity.gid = ::getegid();
  admitted.identity.process = auth::imaginedProcess();
  admitted.decision =
      std::make_unique<const auth::Decision>(snapshot->policy.accept(admitted.identity, "pg"));
  admitted.reference = "0123456789ab";
  admitted.snapshot = snapshot;
  admitted.listener = snapshot->config->listeners.data();
  admitted.accepted_at = now;
  admitted.slot = auth::ClientSlot(live);
  return admitted;
}

}  // namespace peerpool::simulation
