#include "tests/integration/limit_checks.h"

#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace peerpool::testing {

namespace {

std::map<std::string, std::uint64_t> rowsOf(const Scene& scene) {
  const Finished status = scene.peerpool().status({"limits"});
  INFO(status.describe());
  REQUIRE(status.ok());
  std::map<std::string, std::uint64_t> rows;
  std::istringstream lines(status.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t hits = 0;
    if (words >> name >> hits) {
      rows[name] = hits;
    }
  }
  return rows;
}

}  // namespace

std::uint64_t hitsOf(const Scene& scene, const std::string& setting) {
  const auto rows = rowsOf(scene);
  const auto found = rows.find(setting);
  INFO("row " << setting);
  REQUIRE(found != rows.end());
  return found->second;
}

std::map<std::string, std::uint64_t> allHits(const Scene& scene) {
  auto rows = rowsOf(scene);
  std::erase_if(rows, [](const auto& row) { return row.second == 0; });
  return rows;
}

void checkRefused(const Pq& client, const std::string& text) {
  INFO(client.error());
  CHECK_FALSE(client.connected());
  CHECK(client.sqlstate() == "53300");
  CHECK(says(client.error(), text));
}

bool says(const std::string& message, const std::string& text) {
  return message.find("FATAL:  53300: " + text + '\n') != std::string::npos;
}

std::string appStartup() {
  return startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}});
}

LastWords lastWords(RawClient& client) {
  LastWords words;
  for (const RawMessage& message : client.receiveUntil('E')) {
    if (message.type == 'E') {
      words.severity = message.field('S');
      words.sqlstate = message.field('C');
      words.message = message.field('M');
    }
  }
  words.closed = client.receiveUntilClosed().has_value();
  return words;
}

std::vector<Pq> idleSessions(const Scene& scene, std::size_t count, const Credentials& as) {
  std::vector<Pq> sessions;
  for (std::size_t i = 0; i < count; ++i) {
    sessions.push_back(scene.connect("user=app dbname=shop", as));
    INFO(sessions.back().error());
    REQUIRE(sessions.back().connected());
  }
  return sessions;
}

std::chrono::milliseconds cpuTime(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 1));  // The name may hold spaces.
  std::string skipped;
  for (int field = 3; field < 14; ++field) {
    fields >> skipped;
  }
  long long user = 0;
  long long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace peerpool::testing
