#include "tests/integration/limit_checks.h"

#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace peerpool::testing {

std::uint64_t hitsOf(const Scene& scene, const std::string& setting) {
  const Finished status = scene.peerpool().status({"limits"});
  INFO(status.describe());
  REQUIRE(status.ok());
  std::istringstream lines(status.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t hits = 0;
    if (words >> name >> hits && name == setting) {
      return hits;
    }
  }
  FAIL("no such row: " << setting);
  return 0;
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
