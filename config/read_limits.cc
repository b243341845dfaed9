#include "config/read_limits.h"

#include <optional>
#include <string>
#include <string_view>

#include "config/map_reader.h"
#include "config/units.h"

namespace peerpool::config {
namespace {

constexpr std::size_t kMostClients = 1'000'000;

std::optional<std::size_t> readCount(const Value& value) { return value.number(1, kMostClients); }

template <typename T, typename Convert>
void readOptional(MapReader& map, std::string_view key, std::optional<T>& limit, Convert convert) {
  T read{};
  if (map.read(key, read, convert)) {
    limit = read;
  }
}

}  // namespace

void readListenerLimits(const Value& value, ListenerLimits& limits) {
  MapReader map(value, "listener limits");
  readOptional(map, "clients", limits.clients, readCount);
  readOptional(map, "clients_per_uid", limits.clients_per_uid, readCount);
  readOptional(map, "connect_rate_per_uid", limits.connect_rate_per_uid, &Value::rate);
  map.read("login_timeout", limits.login_timeout, &Value::duration);
  map.finish();
}

void readRuleLimits(const Value& value, RuleLimits& limits) {
  MapReader map(value, "rule limits");
  readOptional(map, "clients", limits.clients, readCount);
  readOptional(map, "clients_per_uid", limits.clients_per_uid, readCount);
  readOptional(map, "servers_per_uid", limits.servers_per_uid, readCount);
  readOptional(map, "query", limits.query, &Value::duration);
  readOptional(map, "transaction", limits.transaction, &Value::duration);
  readOptional(map, "idle_in_transaction", limits.idle_in_transaction, &Value::duration);
  readOptional(map, "client_idle", limits.client_idle, &Value::duration);
  readOptional(map, "max_session", limits.max_session, &Value::duration);
  map.finish();
}

}  // namespace peerpool::config
