#include "config/read_backends.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "config/map_reader.h"
#include "config/names.h"
#include "config/paths.h"
#include "config/read_peers.h"

namespace peerpool::config {
namespace {

constexpr std::array<Word<bool>, 1> kProtocols = {{{"postgresql", true}}};
constexpr std::size_t kMostConnections = 100'000;

void readSecrets(const Value& value, std::map<std::string, std::string>& secret_files) {
  for (const auto& [role, entry] : value.named()) {
    if (role.size() > kMaxNameLength || !isExact(role)) {
      entry.error("a secret belongs to one role, with a name of at most 63 bytes",
                  "write the role's name out");
      continue;
    }
    if (std::optional<std::string> path = secretReference(entry)) {
      secret_files[role] = *std::move(path);
    }
  }
}

Backend readBackend(const std::string& name, const Value& value) {
  Backend backend;
  backend.name = name;
  backend.where = value.where();
  MapReader map(value, "backend");
  if (const auto protocol = map.require("protocol", "protocol: postgresql")) {
    (void)protocol->word(kProtocols);
  }
  if (const auto address =
          map.require("address", "address: \"unix:/run/postgresql/.s.PGSQL.5432\"")) {
    backend.socket_path = unixAddress(*address).value_or("");
  }
  Matcher expected;
  if (map.read("expect_peer", expected, readMatcher)) {
    backend.expect_peer = std::move(expected);
  }
  map.read("login", backend.login, [](const Value& v) { return v.word(kLoginMethods); });
  if (const auto secrets = map.find("secrets")) {
    readSecrets(*secrets, backend.secret_files);
  }
  map.read("max_connections", backend.max_connections,
           [](const Value& v) { return v.number(1, kMostConnections); });
  map.read("connect_timeout", backend.connect_timeout, &Value::duration);
  map.finish();
  return backend;
}

}  // namespace

void readBackends(const Value& value, std::vector<Backend>& backends) {
  for (const auto& [name, entry] : value.named()) {
    checkObjectName(entry, name);
    backends.push_back(readBackend(name, entry));
  }
}

}  // namespace peerpool::config
