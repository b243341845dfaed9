#include <utility>

#include "proxy/postgres/client_host.h"

namespace peerpool::postgres {

void logClient(Log& log, LogLevel level, std::string_view event, const auth::Admitted& client,
               std::vector<std::pair<std::string_view, std::string>> more) {
  if (!log.wants(level)) {
    return;
  }
  LogEvent line{level, event, {}};
  line.fields.reserve(8 + more.size());
  line.fields = {{"ref", client.reference},
                 {"client", std::to_string(client.id.value)},
                 {"listener", client.listener->name},
                 {"uid", std::to_string(client.identity.uid)},
                 {"gid", std::to_string(client.identity.gid)},
                 {"pid", std::to_string(client.identity.pid)},
                 {"user", client.identity.user},
                 {"generation", std::to_string(client.snapshot->generation)}};
  for (auto& field : more) {
    line.fields.push_back(std::move(field));
  }
  log.write(std::move(line));
}

void logTurnedAway(ClientHost& host, std::string_view event, const auth::Admitted& client,
                   std::string_view kind, const std::string& subject,
                   std::vector<std::pair<std::string_view, std::string>> more) {
  const StormKey key{event, client.identity.uid, kind, subject, client.listener->name};
  if (host.limits().storms.admits(key, host.loop().now())) {
    more.emplace(more.begin(), kind, subject);
    logClient(host.log(), LogLevel::Warning, event, client, std::move(more));
  }
}

}  // namespace peerpool::postgres
