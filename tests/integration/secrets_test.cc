// Passwords of backends: passed by the service manager, and seen by nobody else.

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

constexpr const char* kPassword = "correct-horse-battery";

/// A PostgreSQL that wants a password, and a peerpool that gets it as a credential. With root it
/// runs as an account of its own.
class CredentialScene {
 public:
  explicit CredentialScene(const std::vector<std::string>& through = {})
      : postgres_({.access = "local all all scram-sha-256\n"}) {
    if (canSwitchUser()) {
      service_ = Credentials{61011, 61011, {}};
    }
    postgres_.execute(std::string("CREATE ROLE app LOGIN PASSWORD '") + kPassword + '\'');
    postgres_.execute("CREATE DATABASE shop OWNER app");
    for (const char* name : {"l", "c", "w"}) {
      ::mkdir((directory_ / name).c_str(), 0755);
    }
    writeFile(directory_ / "c/app", std::string(kPassword) + '\n');
    ::chmod((directory_ / "c/app").c_str(), 0400);
    ::chmod((directory_ / "c").c_str(), 0500);
    for (const char* name : {"l", "c", "c/app", "w"}) {
      REQUIRE(::chown((directory_ / name).c_str(), account().uid, account().gid) == 0);
    }
    peerpool_ = std::make_unique<Peerpool>(
        directory_, config(),
        PeerpoolStart{service_, {{"CREDENTIALS_DIRECTORY", directory_ / "c"}}, through});
  }

  [[nodiscard]] Credentials account() const {
    return service_.value_or(Credentials{::geteuid(), ::getegid(), {}});
  }
  [[nodiscard]] const std::optional<Credentials>& service() const { return service_; }
  [[nodiscard]] const TempDir& directory() const { return directory_; }
  [[nodiscard]] Peerpool& peerpool() { return *peerpool_; }
  /// Of the program itself, whatever started it.
  [[nodiscard]] std::string pid() const { return peerpool_->events("ready").at(0)["pid"]; }
  [[nodiscard]] Pq connect() const {
    return Pq("host=" + (directory_ / "l") + " user=app dbname=shop");
  }

 private:
  [[nodiscard]] std::string config() const {
    return "version: 1\nlog: { level: debug }\naudit: { to: \"file:" + (directory_ / "w/audit") +
           "\" }\nbackends:\n  main:\n    protocol: postgresql\n    address: \"unix:" +
           postgres_.socketPath() + "\"\n    expect_peer: { user: " + postgres_.account() +
           " }\n    login: scram\n    secrets: { app: \"credential:app\" }\nlisteners:\n"
           "  pg: { path: " +
           (directory_ / "l/.s.PGSQL.5432") +
           ", backend: main, mode: \"0666\", open_to_everybody: true }\nrules:\n" +
           everybodyMayBe("app");
  }

  TempDir directory_;
  Postgres postgres_;
  std::optional<Credentials> service_;
  std::unique_ptr<Peerpool> peerpool_;
};

/// Tries to trace a process and to open its memory; says what worked.
constexpr const char* kSpy = R"(
import ctypes, os, sys
pid = int(sys.argv[1])
for name in ("mem", "environ", "maps"):
    try:
        open("/proc/%d/%s" % (pid, name), "rb").read(0)
        print(name)
    except PermissionError:
        pass
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(0x4206, pid, 0, 0) == 0:
    print("ptrace")
)";

}  // namespace

TEST_CASE("a credential logs in, and nothing that peerpool shows has it") {
  CredentialScene scene;
  CHECK(scene.connect().exec("SELECT current_user").value() == "app");
  const std::string proc = "/proc/" + scene.pid() + '/';
  const std::string config = scene.directory() / "peerpool.yaml";
  const Finished explained = scene.peerpool().explain(
      {"--listener", "pg", "--user", "root", "--database", "shop", "--role", "app"});
  CHECK(explained.ok());
  CHECK(scene.peerpool().status({"--json"}).ok());
  for (const std::string& shown :
       {scene.peerpool().log(), readFile(scene.directory() / "w/audit"), readFile(proc + "environ"),
        readFile(proc + "cmdline"), scene.peerpool().status({}).describe(),
        scene.peerpool().status({"--json"}).describe(), explained.describe(),
        runPeerpool({"check", "--config", config}).describe()}) {
    CHECK_FALSE(shown.empty());
    CHECK(shown.find(kPassword) == std::string::npos);
  }
}

TEST_CASE("another process of the same account can neither trace peerpool nor read its memory") {
  if (skipWithoutRoot()) {
    return;
  }
  CredentialScene scene;
  CHECK(scene.connect().connected());
  const auto spyOn = [&](const std::string& pid) {
    const Finished spied = run({{"python3", "-c", kSpy, pid}, scene.service()});
    INFO(spied.describe());
    CHECK(spied.ok());
    return spied.output;
  };
  Process plain({{"sleep", "60"}, scene.service()});
  // The spy is good at its trade, unless this system has forbidden it to everybody.
  CHECK(eventually([&] { return spyOn(std::to_string(plain.pid())).find("environ") == 4; }));
  CHECK(spyOn(scene.pid()).empty());
}

TEST_CASE("peerpool gains no privileges and writes no core when it aborts (check 57)") {
  const TempDir cores;
  REQUIRE(::chmod(cores.path().c_str(), 0777) == 0);
  const std::vector<std::string> through = {
      "bash", "-c", "cd " + cores.path() + " && ulimit -c $(ulimit -Hc) && \"$@\"; exit $?",
      "bash"};
  CredentialScene scene(through);
  const std::string proc = "/proc/" + scene.pid() + '/';
  CHECK(readFile(proc + "status").find("NoNewPrivs:\t1") != std::string::npos);
  const std::string limits = readFile(proc + "limits");
  const std::size_t core = limits.find("Max core file size");
  REQUIRE(core != std::string::npos);
  CHECK(limits.substr(core, limits.find('\n', core) - core).find(" 0                    0 ") !=
        std::string::npos);
  REQUIRE(::kill(std::stoi(scene.pid()), SIGABRT) == 0);
  const Finished finished = scene.peerpool().wait();
  INFO(finished.describe());
  CHECK(finished.exit_code == 128 + SIGABRT);
  CHECK(finished.errors.find("core dumped") == std::string::npos);
  CHECK(std::filesystem::is_empty(cores.path()));
}

TEST_CASE("a credential that is not there is found by check, by serve, and told where it can be") {
  const CredentialScene scene;
  const std::string config = scene.directory() / "peerpool.yaml";
  const TempDir empty;
  REQUIRE(::chmod(empty.path().c_str(), 0700) == 0);
  Command command{{peerpoolProgram(), "check", "--config", config}};
  CHECK(run(command).errors.find("can be checked only by the running service") !=
        std::string::npos);
  command.environment = {{"CREDENTIALS_DIRECTORY", empty.path()}};
  const Finished checked = run(command);
  CHECK(checked.exit_code == 78);
  CHECK(checked.errors.find("backends.main.secrets.app: secret file " + (empty / "app")) !=
        std::string::npos);
  CHECK(checked.errors.find("LoadCredential=app:") != std::string::npos);
  command.arguments = {peerpoolProgram(), "serve",      "--config", config,
                       "--runtime-dir",   empty / "run"};
  CHECK(run(command).exit_code == 78);
  command.environment.clear();
  const Finished served = run(command);
  CHECK(served.exit_code == 78);
  CHECK(served.errors.find("$CREDENTIALS_DIRECTORY is not set") != std::string::npos);
}

}  // namespace peerpool::testing
