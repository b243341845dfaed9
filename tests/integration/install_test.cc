// What is installed fits together, and the unit is as strict as it says without being too strict.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

bool has(const std::string& command) { return run({{"which", command}}).ok(); }

/// An installation below a directory of its own.
class Installed {
 public:
  Installed() { again(); }
  void again() {
    const Finished finished = run({{"cmake", "--install", PEERPOOL_BINARY_DIR, "--prefix", "/usr"},
                                   {},
                                   {{"DESTDIR", root_.path()}}});
    INFO(finished.describe());
    REQUIRE(finished.ok());
  }
  [[nodiscard]] std::string operator/(const std::string& path) const { return root_ / path; }
  [[nodiscard]] const std::string& root() const { return root_.path(); }
  [[nodiscard]] std::string unit() const {
    return root_ / "usr/lib/systemd/system/peerpool.service";
  }

 private:
  TempDir root_;
};

/// The values of `key` in a unit.
std::vector<std::string> valuesOf(const std::string& unit, const std::string& key) {
  std::vector<std::string> values;
  std::istringstream lines(unit);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key + '=', 0) == 0) {
      values.push_back(line.substr(key.size() + 1));
    }
  }
  return values;
}

std::set<std::string> wordsOf(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

/// The system calls of a set of systemd's, or of one named alone.
std::set<std::string> expand(const std::string& name) {
  if (name.front() != '@') {
    return {name};
  }
  std::set<std::string> calls;
  const Finished listed = run({{"systemd-analyze", "syscall-filter", name}});
  INFO(listed.describe());
  REQUIRE(listed.ok());
  std::istringstream lines(listed.output);
  std::string line;
  std::getline(lines, line);  // The name of the set.
  while (std::getline(lines, line)) {
    for (const std::string& word : wordsOf(line.substr(0, line.find('#')))) {
      calls.merge(expand(word));
    }
  }
  return calls;
}

/// The system calls that a unit lets through.
std::set<std::string> allowedCalls(const std::string& unit) {
  std::set<std::string> allowed;
  for (const std::string& value : valuesOf(unit, "SystemCallFilter")) {
    const bool denies = value.front() == '~';
    for (const std::string& name : wordsOf(value.substr(denies ? 1 : 0))) {
      for (const std::string& call : expand(name)) {
        denies ? static_cast<void>(allowed.erase(call)) : static_cast<void>(allowed.insert(call));
      }
    }
  }
  return allowed;
}

}  // namespace

TEST_CASE("an installation has every file in its place, and never replaces the configuration") {
  Installed installed;
  for (const char* file :
       {"usr/bin/peerpool", "usr/bin/peerpool-attest", "usr/lib/systemd/system/peerpool.service",
        "usr/lib/systemd/system/peerpool-attest.service",
        "usr/lib/systemd/system/peerpool-attest.socket", "usr/lib/systemd/system/peerpool.socket",
        "usr/lib/sysusers.d/peerpool.conf", "usr/lib/tmpfiles.d/peerpool.conf",
        "etc/logrotate.d/peerpool", "etc/peerpool/peerpool.yaml",
        "usr/share/doc/peerpool/README.md", "usr/share/doc/peerpool/deploy.md",
        "usr/share/doc/peerpool/copyright", "usr/share/doc/peerpool/examples/peerpool.yaml"}) {
    INFO(file);
    struct stat facts {};
    REQUIRE(::stat((installed / file).c_str(), &facts) == 0);
    CHECK(facts.st_size > 0);
    CHECK((facts.st_mode & 022) == 0);
  }
  CHECK(run({{installed / "usr/bin/peerpool", "--version"}}).ok());
  const std::string helper = readFile(installed / "usr/lib/systemd/system/peerpool-attest.service");
  CHECK(valuesOf(helper, "ExecStart").at(0) == "/usr/bin/peerpool-attest --client peerpool");
  writeFile(installed / "etc/peerpool/peerpool.yaml", "# mine\n");
  installed.again();
  CHECK(readFile(installed / "etc/peerpool/peerpool.yaml") == "# mine\n");

  const std::string unit = readFile(installed.unit());
  CHECK(unit.find('@' + std::string("bindir")) == std::string::npos);
  const std::string start = valuesOf(unit, "ExecStart").at(0);
  CHECK(start == "/usr/bin/peerpool serve --config /etc/peerpool/peerpool.yaml");
  CHECK(valuesOf(unit, "ExecReload") ==
        std::vector<std::string>{"/usr/bin/peerpool check --config /etc/peerpool/peerpool.yaml",
                                 "/bin/kill -HUP $MAINPID"});
  const std::string config =
      readFile(std::string(PEERPOOL_SOURCE_DIR) + "/deploy/config/peerpool.yaml");
  const std::string socket =
      valuesOf(readFile(installed / "usr/lib/systemd/system/peerpool.socket"), "ListenStream")
          .at(0);
  CHECK(config.find("path: " + socket) != std::string::npos);
  CHECK(readFile(installed / "usr/lib/tmpfiles.d/peerpool.conf")
            .find("d " + socket.substr(0, socket.rfind('/')) + ' ') != std::string::npos);
  CHECK(config.find("file:/var/log/peerpool/") != std::string::npos);
  CHECK(valuesOf(unit, "LogsDirectory").at(0) == "peerpool");
  CHECK(readFile(installed / "etc/logrotate.d/peerpool").find("/var/log/peerpool/*.jsonl") !=
        std::string::npos);
}

TEST_CASE("the unit's exposure is at most 1.0, and systemd has nothing to complain about") {
  if (!has("systemd-analyze") && skipBecause("there is no systemd-analyze")) {
    return;
  }
  const std::string source =
      readFile(std::string(PEERPOOL_SOURCE_DIR) + "/deploy/systemd/peerpool.service.in");
  const TempDir directory;
  // The program as it lies here, so that systemd finds it.
  std::string unit = std::regex_replace(source, std::regex("@bindir@"), PEERPOOL_BINARY_DIR);
  unit = std::regex_replace(unit, std::regex("@docdir@"), "/usr/share/doc/peerpool");
  writeFile(directory / "peerpool.service", unit);
  writeFile(directory / "peerpool.socket",
            readFile(std::string(PEERPOOL_SOURCE_DIR) + "/deploy/systemd/peerpool.socket"));
  const Finished rated = run({{"systemd-analyze", "security", "--offline=true", "--threshold=10",
                               directory / "peerpool.service"}});
  INFO(rated.describe());
  CHECK(rated.ok());
  CHECK(rated.output.find("Overall exposure level") != std::string::npos);
  const Finished verified = run({{"systemd-analyze", "verify", "--man=no",
                                  directory / "peerpool.service", directory / "peerpool.socket"}});
  INFO(verified.describe());
  CHECK(verified.errors.empty());
  CHECK(verified.ok());
}

TEST_CASE("the helper's unit has one capability, and a filter that lets it work") {
  if (!has("systemd-analyze") && skipBecause("there is no systemd-analyze")) {
    return;
  }
  const std::string folder = std::string(PEERPOOL_SOURCE_DIR) + "/deploy/systemd/";
  const TempDir directory;
  std::string unit = readFile(folder + "peerpool-attest.service.in");
  unit = std::regex_replace(unit, std::regex("@bindir@"), PEERPOOL_BINARY_DIR);
  unit = std::regex_replace(unit, std::regex("@docdir@"), "/usr/share/doc/peerpool");
  writeFile(directory / "peerpool-attest.service", unit);
  writeFile(directory / "peerpool-attest.socket", readFile(folder + "peerpool-attest.socket"));
  const Finished rated = run({{"systemd-analyze", "security", "--offline=true", "--threshold=12",
                               directory / "peerpool-attest.service"}});
  INFO(rated.describe());
  CHECK(rated.ok());
  const Finished verified =
      run({{"systemd-analyze", "verify", "--man=no", directory / "peerpool-attest.service",
            directory / "peerpool-attest.socket"}});
  INFO(verified.describe());
  CHECK(verified.errors.empty());
  CHECK(valuesOf(unit, "CapabilityBoundingSet") == std::vector<std::string>{"CAP_SYS_PTRACE"});
  if (!has("strace") && skipBecause("there is no strace")) {
    return;
  }
  // With the limits of the unit, so that it need not set them.
  const std::string client = std::to_string(::geteuid());
  Process helper({{"strace", "-f", "-qq", "-o", directory / "trace", "prlimit", "--nofile=64:64",
                   "--core=0:0", std::string(PEERPOOL_BINARY_DIR) + "/peerpool-attest", "--client",
                   client, "--socket", directory / "attest.sock"},
                  {},
                  {{"ASAN_OPTIONS", "detect_leaks=0"}}});
  REQUIRE(eventually([&] { return helper.errors().find("ready") != std::string::npos; }));
  writeFile(directory / "peerpool.yaml",
            "version: 1\nbackends:\n  main: { protocol: postgresql, address: \"unix:/run/s\" }\n"
            "listeners:\n  pg: { path: " +
                (directory / "l") +
                ", backend: main, mode: \"0600\" }\nrules:\n  - { name: x, allow: { uid: " +
                client + ", exe_sha256: " + std::string(64, 'a') +
                " }, listener: pg, databases: [x], roles: [x] }\n");
  const Finished checked =
      run({{peerpoolProgram(), "check", "--config", directory / "peerpool.yaml"},
           {},
           {{"RUNTIME_DIRECTORY", directory.path()}}});
  INFO(checked.describe());
  CHECK(checked.errors.find("peerpool-attest") == std::string::npos);
  // strace lets no signal end it while what it runs still does.
  REQUIRE(::kill(std::stoi(readFile(directory / "trace")), SIGTERM) == 0);
  CHECK(helper.wait().exit_code == 0);
  std::set<std::string> denied;
  const std::set<std::string> allowed =
      allowedCalls(readFile(folder + "peerpool-attest.service.in"));
  std::istringstream lines(readFile(directory / "trace"));
  const std::regex pattern("^[0-9]+ +([a-z0-9_]+)\\(");
  bool serving = false;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_search(line, match, pattern)) {
      serving = serving || match[1] == "recvmsg";
      if (allowed.count(match[1]) == 0) {
        denied.insert(match[1]);
      }
    }
  }
  CHECK(serving);
  CHECK(denied == std::set<std::string>{});
}

TEST_CASE("sysusers.d and tmpfiles.d make what the default configuration names") {
  if (skipWithoutRoot() ||
      (!has("systemd-sysusers") && skipBecause("there is no systemd-sysusers"))) {
    return;
  }
  const TempDir root;
  for (const char* name : {"etc", "run", "usr", "usr/lib"}) {
    ::mkdir((root / name).c_str(), 0755);
  }
  const std::string deploy = std::string(PEERPOOL_SOURCE_DIR) + "/deploy/systemd/";
  const Finished users =
      run({{"systemd-sysusers", "--root=" + root.path(), deploy + "sysusers.d/peerpool.conf"}});
  INFO(users.describe());
  REQUIRE(users.ok());
  CHECK(readFile(root / "etc/passwd").find("peerpool:x:") != std::string::npos);
  CHECK(readFile(root / "etc/passwd").find("peerpool-attest:x:") != std::string::npos);
  CHECK(readFile(root / "etc/group").find("dbclients:x:") != std::string::npos);
  const Finished files = run({{"systemd-tmpfiles", "--create", "--root=" + root.path(),
                               deploy + "tmpfiles.d/peerpool.conf"}});
  INFO(files.describe());
  struct stat facts {};
  REQUIRE(::stat((root / "run/peerpool/pg").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 02750);
}

TEST_CASE("the default configuration works for an account without rights, and for its group only") {
  const std::optional<Credentials> games = accountCredentials("games");
  if (skipWithoutRoot() || (!games && skipBecause("there is no account games"))) {
    return;
  }
  const Credentials service{61013, 61013, {}};
  const TempDir directory;
  const Postgres postgres;
  postgres.execute("CREATE ROLE games LOGIN");
  ::mkdir((directory / "log").c_str(), 0750);
  ::mkdir((directory / "pg").c_str(), 0750);
  for (const auto& [name, group] : {std::pair{"log", service.gid}, std::pair{"pg", games->gid}}) {
    REQUIRE(::chown((directory / name).c_str(), service.uid, group) == 0);
  }
  REQUIRE(::chmod((directory / "pg").c_str(), 02750) == 0);
  std::string config = readFile(std::string(PEERPOOL_SOURCE_DIR) + "/deploy/config/peerpool.yaml");
  for (const auto& [from, to] :
       {std::pair{std::string("/run/peerpool/pg"), directory / "pg"},
        std::pair{std::string("/var/log/peerpool"), directory / "log"},
        std::pair{std::string("/run/postgresql"), postgres.socketDirectory()},
        std::pair{std::string("user: postgres"), "user: " + postgres.account()},
        std::pair{std::string("dbclients"), std::string("games")},
        std::pair{std::string("    expect_peer"),
                  std::string("    login: trust\n    expect_peer")}}) {
    config = std::regex_replace(config, std::regex(from), to);
  }
  Peerpool peerpool(directory, config, {.run_as = service});
  const Finished checked = runPeerpool({"check", "--config", directory / "peerpool.yaml"}, service);
  INFO(checked.describe());
  CHECK(checked.ok());
  CHECK(checked.errors.find("error") == std::string::npos);
  const std::string conninfo = "host=" + (directory / "pg") + " dbname=postgres user=games";
  CHECK(Pq(conninfo, games).exec("SELECT current_user").value() == "games");
  CHECK(Pq(conninfo, stranger(0)).sqlstate().empty());  // The kernel's answer, not ours.
  CHECK(exists(directory / "log/audit.jsonl"));
}

TEST_CASE("logrotate understands its file") {
  if (skipWithoutRoot() || (!has("logrotate") && skipBecause("there is no logrotate"))) {
    return;
  }
  const TempDir directory;
  std::string text = readFile(std::string(PEERPOOL_SOURCE_DIR) + "/deploy/config/logrotate");
  text = std::regex_replace(text, std::regex("peerpool peerpool"), "root root");
  writeFile(directory / "rotate", text);
  ::chmod((directory / "rotate").c_str(), 0644);
  const Finished finished = run({{"logrotate", "--debug", directory / "rotate"}});
  INFO(finished.describe());
  CHECK(finished.ok());
  CHECK(finished.errors.find("error:") == std::string::npos);
}

TEST_CASE("the unit's system call filter lets everything through that peerpool does") {
  if ((!has("systemd-analyze") && skipBecause("there is no systemd-analyze")) ||
      (!has("strace") && skipBecause("there is no strace"))) {
    return;
  }
  const std::set<std::string> allowed = allowedCalls(
      readFile(std::string(PEERPOOL_SOURCE_DIR) + "/deploy/systemd/peerpool.service.in"));
  REQUIRE(allowed.count("sendmsg") == 1);
  REQUIRE(allowed.count("ptrace") == 0);
  CHECK(allowed.count("chown") == 0);
  const TempDir directory;
  ::mkdir((directory / "l").c_str(), 0755);
  const Postgres postgres;
  // As who has it by SupplementaryGroups=; only root can be sure to have another group to give.
  const bool root = ::geteuid() == 0;
  const std::string group = root ? "65534" : std::to_string(::getegid());
  const std::string config =
      "version: 1\naudit: { to: \"file:" + (directory / "audit") +
      "\", required: true }\nbackends:\n  main: { protocol: postgresql, address: \"unix:" +
      postgres.socketPath() + "\", expect_peer: { user: " + postgres.account() +
      " }, login: trust }\nlisteners:\n  pg: { path: " + (directory / "l/.s.PGSQL.5432") +
      ", backend: main, mode: \"0666\", open_to_everybody: true, group: \"" + group +
      "\" }\nrules:\n" + everybodyMayBe("postgres", "    superuser: true\n");
  {
    Peerpool peerpool(directory, config,
                      // A leak can't be looked for in a process that is traced.
                      {.environment = {{"NOTIFY_SOCKET", directory / "nobody"},
                                       {"ASAN_OPTIONS", "detect_leaks=0"}},
                       .through = {"strace", "-f", "-qq", "-o", directory / "trace"}});
    const pid_t pid = std::stoi(peerpool.events("ready").at(0)["pid"]);
    CHECK(Pq("host=" + (directory / "l") + " user=postgres dbname=postgres").exec("SELECT 1").ok);
    CHECK(peerpool.status({}).ok());
    peerpool.replaceConfig(
        std::regex_replace(config, std::regex("\"0666\", open_to_everybody: true"), "\"0600\""));
    CHECK(peerpool.reload().ok());
    ::kill(pid, SIGUSR1);
    CHECK(peerpool.waitForEvents("audit log reopened", 1).size() == 1);
    ::kill(pid, SIGTERM);
    CHECK(peerpool.wait().exit_code == 0);
  }
  std::set<std::string> denied;
  std::istringstream lines(readFile(directory / "trace"));
  const std::regex pattern("^[0-9]+ +([a-z0-9_]+)\\(");
  std::size_t count = 0;
  bool serving = false;
  bool group_given = false;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_search(line, match, pattern)) {
      ++count;
      serving = serving || match[1] == "accept4";
      group_given = group_given || match[1] == "fchownat";
      if (allowed.count(match[1]) == 0) {
        denied.insert(match[1]);
      }
    }
  }
  CHECK(count > 300);
  CHECK(serving);
  CHECK(group_given == root);
  std::string all;
  for (const std::string& call : denied) {
    all += call + ' ';
  }
  CHECK(all == "");
}

}  // namespace peerpool::testing
