// The log where an operator sends it.

#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "tests/integration/scene.h"
#include "tests/proxy/server/notify_socket.h"

namespace peerpool::testing {
namespace {

/// A peerpool whose log is a file, in front of nothing.
class FileLogged {
 public:
  explicit FileLogged(const std::string& format) {
    ::mkdir((directory_ / "run").c_str(), 0755);
    writeFile(directory_ / "peerpool.yaml",
              "version: 1\nlog: { format: " + format + ", to: \"file:" + path() +
                  "\" }\nbackends:\n  main: { protocol: postgresql, address: \"unix:" +
                  (directory_ / "nobody") + "\" }\nlisteners:\n  pg: { path: " + socket() +
                  ", backend: main, mode: \"0666\", open_to_everybody: true }\nrules:\n" +
                  everybodyMayBe("app"));
    process_ = std::make_unique<Process>(
        Command{{peerpoolProgram(), "serve", "--config", directory_ / "peerpool.yaml",
                 "--runtime-dir", directory_ / "run"}});
    REQUIRE(waitFor(path(), "ready"));
  }
  [[nodiscard]] std::string path() const { return directory_ / "log"; }
  [[nodiscard]] std::string socket() const { return directory_ / ".s.PGSQL.5432"; }
  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] Pq connect(const std::string& role) const {
    return Pq("host=" + directory_.path() + " dbname=shop user='" + role + '\'');
  }
  [[nodiscard]] static bool waitFor(const std::string& path, const std::string& text) {
    return eventually(
        [&] { return exists(path) && readFile(path).find(text) != std::string::npos; });
  }

 private:
  TempDir directory_;
  std::unique_ptr<Process> process_;
};

/// Words that start a program in a mount namespace of its own, where /dev/log leads to `socket`.
std::vector<std::string> withDevLog(const TempDir& directory, const std::string& socket) {
  ::mkdir((directory / "dev").c_str(), 0755);
  return {
      "unshare",
      "-m",
      "--propagation",
      "private",
      "bash",
      "-c",
      "set -e; cd " + (directory / "dev") +
          "; mount -t tmpfs none \"$PWD\"; cd \"$PWD\"; for node in null zero random urandom; do "
          "touch $node; mount --bind /dev/$node $node; done; ln -s " +
          socket + " log; mount --move \"$PWD\" /dev; cd /; exec \"$@\"",
      "bash"};
}

}  // namespace

TEST_CASE("a log that goes to syslog arrives at /dev/log, and nothing at standard error") {
  if (skipWithoutRoot()) {
    return;
  }
  const TempDir directory;
  const server::NotifySocket syslog(directory / "log");
  Command command{withDevLog(directory, directory / "log")};
  Command probe = command;
  probe.arguments.emplace_back("true");
  if (!run(probe).ok() && skipBecause("needs to mount in a namespace of its own")) {
    return;
  }
  ::mkdir((directory / "run").c_str(), 0755);
  ::mkdir((directory / "l").c_str(), 0755);
  writeFile(directory / "peerpool.yaml",
            "version: 1\nlog: { to: syslog }\nbackends:\n  main: { protocol: postgresql, address: "
            "\"unix:" +
                (directory / "nobody") +
                "\" }\nlisteners:\n  pg: { path: " + (directory / "l/.s.PGSQL.5432") +
                ", backend: main, mode: \"0666\", open_to_everybody: true }\nrules:\n" +
                everybodyMayBe("app"));
  for (const std::string& argument :
       {peerpoolProgram(), std::string("serve"), std::string("--config"),
        directory / "peerpool.yaml", std::string("--runtime-dir"), directory / "run"}) {
    command.arguments.push_back(argument);
  }
  Process process(command);
  const std::string head = "peerpool[" + std::to_string(process.pid()) + "]: ";
  std::string heard;
  const auto hears = [&](const std::string& text) {
    return eventually([&] {
      for (std::string line = syslog.receive(); !line.empty(); line = syslog.receive()) {
        heard += line + '\n';
      }
      return heard.find(text) != std::string::npos;
    });
  };
  CHECK(hears("<30>" + head + "ready version="));
  const Pq denied("host=" + (directory / "l") + " dbname=shop user='%n'");
  CHECK(denied.sqlstate() == "28000");
  CHECK(hears("<28>" + head + "client denied ref="));
  const Finished finished = process.terminate();
  INFO(heard);
  CHECK(finished.exit_code == 0);
  CHECK(finished.errors.find("ready") == std::string::npos);
}

TEST_CASE("a log of JSON lines can be parsed, and is one line for each event (check 55)") {
  FileLogged peerpool("json");
  const Pq denied = peerpool.connect("x\n\x1b[2J\xff");
  CHECK(denied.sqlstate() == "28000");
  REQUIRE(FileLogged::waitFor(peerpool.path(), "client denied"));
  const Finished finished = peerpool.process().terminate();
  CHECK(finished.exit_code == 0);
  CHECK(finished.errors.find("ready") == std::string::npos);
  const std::string text = readFile(peerpool.path());
  CHECK(std::none_of(text.begin(), text.end(), [](char byte) {
    return byte != '\n' && (static_cast<unsigned char>(byte) < 0x20 || byte == '\xff');
  }));
  const Finished parsed =
      run({{"python3", "-c",
            "import json, sys\n"
            "events = [json.loads(line) for line in open(sys.argv[1])]\n"
            "print([e['peerpool.role'] for e in events if e['message'] == 'client denied'])\n"
            "assert all(e['@timestamp'].endswith('Z') and e['log.level'] for e in events)",
            peerpool.path()}});
  INFO(parsed.describe());
  CHECK(parsed.ok());
  CHECK(parsed.output == "['x\\\\n\\\\x1b[2J\\\\xff']\n");
}

TEST_CASE("SIGUSR1 lets go of a renamed log") {
  FileLogged peerpool("text");
  const std::string renamed = peerpool.path() + ".1";
  REQUIRE(std::rename(peerpool.path().c_str(), renamed.c_str()) == 0);
  peerpool.process().signal(SIGUSR1);
  REQUIRE(FileLogged::waitFor(peerpool.path(), "log reopened"));
  CHECK(peerpool.connect("nobody").sqlstate() == "28000");
  CHECK(FileLogged::waitFor(peerpool.path(), "client denied"));
  CHECK(readFile(renamed).find("client denied") == std::string::npos);
}

TEST_CASE("a log that cannot be opened keeps the service from starting") {
  const TempDir directory;
  writeFile(directory / "peerpool.yaml",
            "version: 1\nlog: { to: \"file:" + (directory / "missing/log") +
                "\" }\nbackends:\n  main: { protocol: postgresql, address: \"unix:" +
                (directory / "nobody") + "\" }\nlisteners:\n  pg: { path: " + (directory / "s") +
                ", backend: main, mode: \"0600\" }\nrules:\n" + everybodyMayBe("app"));
  const Finished finished = runPeerpool(
      {"serve", "--config", directory / "peerpool.yaml", "--runtime-dir", directory / "run"});
  INFO(finished.describe());
  CHECK(finished.exit_code == 73);
  CHECK(finished.errors.find("log file " + (directory / "missing/log")) != std::string::npos);
}

}  // namespace peerpool::testing
