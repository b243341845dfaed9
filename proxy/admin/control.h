// What the running process tells about itself, as plain values: gathered by the workers, printed by
// status and, later, the console.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/base/clock.h"
#include "proxy/pool/stats.h"

namespace peerpool::admin {

/// How often a kind of session state has bound a client to its server.
struct PinReport {
  std::string state;  ///< "temporary table".
  std::uint64_t count = 0;
};

struct PoolReport {
  std::string backend;
  std::string database;
  std::string login_role;
  std::string mode;
  std::size_t worker = 0;
  std::size_t size = 0;
  pool::PoolStats stats;
  std::size_t pinned = 0;       ///< Clients that are bound to their servers by session state.
  std::vector<PinReport> pins;  ///< What bound clients since the pool was made.
};

struct ClientReport {
  std::uint64_t id = 0;
  std::string listener;
  std::string rule;
  std::string user;  ///< Account name; empty when unknown.
  uid_t uid = 0;
  pid_t pid = 0;
  std::string database;
  std::string role;  ///< As asked for.
  std::string
      state;  ///< startup, login, idle, waiting, preparing, active, "pinned: REASON", closing.
  std::uint64_t server = 0;  ///< Linked server's id, 0 when none.
  std::string application_name;
  Duration age{0};
};

struct ServerReport {
  std::uint64_t id = 0;
  std::string backend;
  std::string database;
  std::string login_role;
  std::string state;             ///< login, idle, resetting, active, closing.
  std::int32_t backend_pid = 0;  ///< As in pg_stat_activity.
  std::uint64_t client = 0;      ///< Linked client's id, 0 when none.
  std::size_t worker = 0;
  Duration age{0};
};

/// One row of the table of limits.
struct LimitReport {
  std::string setting;     ///< "rules.limits.clients".
  std::uint64_t hits = 0;  ///< How often it turned somebody away.
};

/// The audit log's last line: what an operator writes down to find it again later.
struct AuditReport {
  std::string place;  ///< Path of its file, or "journal".
  std::uint64_t sequence = 0;
  std::string hash;
  std::uint64_t lost = 0;  ///< Events without room since the start.
};

/// A listener whose socket file is not as it was made.
struct DriftReport {
  std::string listener;
  std::string path;
  std::string expected;
  std::string actual;
  std::string trouble;  ///< Why it is not mended.
};

struct WorkerReport {
  std::size_t worker = 0;
  std::vector<PoolReport> pools;
  std::vector<ClientReport> clients;
  std::vector<ServerReport> servers;
};

}  // namespace peerpool::admin
