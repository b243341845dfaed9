// The configuration of a scene, and the checks that many tests share.

#include "tests/integration/scene.h"

#include <sys/stat.h>

#include <regex>
#include <sstream>
#include <thread>

namespace peerpool::testing {
namespace {

std::string configOf(const SceneOptions& options, const Postgres& postgres,
                     const std::string& socket_path) {
  std::ostringstream text;
  text << "version: 1\n"
       << "process: { workers: " << options.workers << options.process << " }\n"
       << options.top << "backends:\n  main:\n    protocol: postgresql\n    address: \"unix:"
       << (options.backend_socket.empty() ? postgres.socketPath() : options.backend_socket)
       << "\"\n";
  if (options.backend.find("expect_peer") == std::string::npos) {
    text << "    expect_peer: { user: " << postgres.account() << " }\n";
  }
  text << options.backend << "pools:\n"
       << options.pools << "listeners:\n  pg:\n    path: " << socket_path
       << "\n    backend: main\n    mode: \"0666\"\n    open_to_everybody: true\n"
       << options.listener << "rules:\n"
       << options.rules;
  return text.str();
}

void executeEach(const Postgres& postgres, const std::string& script) {
  std::istringstream statements(script);
  for (std::string statement; std::getline(statements, statement, ';');) {
    if (statement.find_first_not_of(" \n") != std::string::npos) {
      postgres.execute(statement);
    }
  }
}

}  // namespace

std::string everybodyMayBe(const std::string& role, const std::string& more) {
  return "  - name: everybody\n    allow: anyone\n    listener: pg\n    databases: [\"*\"]\n"
         "    roles: [" +
         role + "]\n" + more;
}

Scene::Scene(const SceneOptions& options)
    : postgres_(options.postgres),
      config_(configOf(options, postgres_, socketPath())),
      descriptors_(options.descriptors) {
  executeEach(postgres_, options.prepare);
  ::mkdir(socketDirectory().c_str(), 0755);
  if (options.attested) {
    ::mkdir((directory_ / "run").c_str(), 0755);
    startHelper();
  }
  startPeerpool();
}

std::string Scene::conninfo(const std::string& more) const {
  return "host=" + socketDirectory() + ' ' + more;
}

Pq Scene::connect(const std::string& more, const std::optional<Credentials>& as) const {
  return Pq(conninfo(more), as);
}

Command Scene::client(const std::vector<std::string>& arguments, const std::string& role,
                      const std::string& database) const {
  Command command;
  command.arguments = arguments;
  command.arguments[0] = postgresProgram(arguments[0]);
  command.environment = {{"PGHOST", socketDirectory()}, {"PGUSER", role}, {"PGDATABASE", database}};
  return command;
}

void Scene::stopPeerpool() {
  const Finished finished = peerpool_->stop();
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
  CHECK_FALSE(finished.timed_out);
  CHECK_FALSE(exists(socketPath()));
  peerpool_.reset();
}

void Scene::startPeerpool() {
  PeerpoolStart start;
  if (descriptors_ != 0) {
    // Becomes the program, with the same process id.
    const std::string limit = std::to_string(descriptors_);
    start.through = {"prlimit", "--nofile=" + limit + ':' + limit};
  }
  peerpool_ = std::make_unique<Peerpool>(directory_, config_, start);
}

void Scene::startHelper() {
  helper_ = std::make_unique<AttestHelper>(directory_ / "run/attest.sock", ::geteuid());
}

Credentials stranger(unsigned index) { return {61001 + index, 61001 + index, {}}; }

LogLine requireDenied(Scene& scene, const Pq& client) {
  INFO(client.error());
  REQUIRE_FALSE(client.connected());
  CHECK(client.sqlstate() == "28000");
  const std::string message = client.error();
  std::smatch match;
  REQUIRE(std::regex_search(message, match,
                            std::regex("connection not permitted \\(ref ([0-9A-Za-z]+)\\)")));
  const std::string reference = match[1];
  std::vector<LogLine> found;
  static_cast<void>(eventually([&] {
    found.clear();
    for (const LogLine& line : scene.peerpool().events("client denied")) {
      if (line["ref"] == reference) {
        found.push_back(line);
      }
    }
    return !found.empty();
  }));
  INFO(scene.peerpool().log());
  REQUIRE(found.size() == 1);
  return found[0];
}

}  // namespace peerpool::testing
