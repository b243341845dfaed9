// Rules about the process that connected, with real processes at a real socket.

#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

#include "auth/process_handle.h"
#include "tests/integration/scene.h"
#include "tests/support/cgroup.h"
#include "tests/support/peer_process.h"

namespace peerpool::testing {
namespace {

bool cannotRun() {
  return !canMakeCgroups() || (!auth::kernelNamesPeers() && skipBecause("the kernel is too old"));
}

std::string rule(const std::string& name, const std::string& who, const std::string& more = "") {
  return "  - name: " + name + "\n    allow: " + who +
         "\n    listener: pg\n    databases: [shop]\n    roles: [app]\n" + more;
}

/// psql, started by a shell that first does `before`.
Finished psqlAfter(const Scene& scene, const std::string& before,
                   const std::string& sql = "SELECT 'let in'") {
  Command command = scene.client({"psql"});
  const std::string psql = command.arguments.front();
  command.arguments = {"sh", "-c", before + "\"$0\" -AtXc \"$1\" 2>&1", psql, sql};
  return run(command);
}

std::string entering(const ScopedCgroup& cgroup) { return "echo 0 > " + cgroup.procs() + " && "; }

}  // namespace

TEST_CASE("a unit is let in, and the same account outside of it is not") {
  if (cannotRun()) {
    return;
  }
  const std::string unit = uniqueName() + ".service";
  const ScopedCgroup cgroup("/pp.slice/" + unit);
  const ScopedCgroup another("/pp.slice/" + uniqueName() + ".service");
  const TempDir directory;
  const std::string log = directory / "audit.jsonl";
  Scene scene({.rules = rule("unit", "{ user: root, systemd_unit: " + unit + " }"),
               .top = "audit: { to: \"file:" + log + "\", required: true }\n"});
  CHECK(psqlAfter(scene, entering(cgroup)).output == "let in\n");
  const std::string audit = readFile(log);
  CHECK(audit.find("\"peerpool.process.unit\":\"" + unit + '"') != std::string::npos);
  PeerSocket socket;
  const PeerProcess inside(socket, {.prepare = [&] { return cgroup.enter(); }});
  const Finished told =
      scene.peerpool().explain({"--listener", "pg", "--pid", std::to_string(inside.pid()),
                                "--database", "shop", "--role", "app"});
  CHECK(told.ok());
  CHECK(told.output.find(", unit " + unit + ", slice pp.slice, container none") !=
        std::string::npos);
  for (const std::string& before : {std::string(), entering(another)}) {
    const Finished refused = psqlAfter(scene, before);
    CHECK(refused.exit_code == 2);
    CHECK(refused.output.find("connection not permitted") != std::string::npos);
  }
  scene.stopPeerpool();
}

TEST_CASE("the instance of a unit can be the role, and a part of application_name") {
  if (cannotRun()) {
    return;
  }
  const std::string name = uniqueName();
  const ScopedCgroup cgroup("/pp.slice/" + name + "@app.service");
  Scene scene({.rules = "  - name: instances\n    allow: { user: root, systemd_unit: \"" + name +
                        "@*.service\" }\n    listener: pg\n    databases: [shop]\n"
                        "    as: \"${unit_instance}\"\n"
                        "    application_name: \"${unit_instance}/${application_name}\"\n"});
  CHECK(psqlAfter(scene, "export PGUSER=root PGAPPNAME=job; " + entering(cgroup),
                  "SELECT current_user, current_setting('application_name')")
            .output == "app|app/job\n");
  CHECK(psqlAfter(scene, "").exit_code == 2);
  scene.stopPeerpool();
}

TEST_CASE("a unit of a user's manager does not get what the system's has (check 6)") {
  if (cannotRun()) {
    return;
  }
  const std::string unit = uniqueName() + ".service";
  const ScopedCgroup theirs("/user.slice/user@6500.service/app.slice/" + unit);
  Scene scene({.rules = rule("unit", "{ systemd_unit: " + unit + " }")});
  CHECK(psqlAfter(scene, entering(theirs)).exit_code == 2);
  const ScopedCgroup ours("/pp.slice/" + unit);
  CHECK(psqlAfter(scene, entering(ours)).output == "let in\n");
  scene.stopPeerpool();
}

TEST_CASE("containers are kept out unless the listener lets them in (check 10)") {
  if (cannotRun()) {
    return;
  }
  const auto psqlInside = [](const Scene& scene) {
    return psqlAfter(scene, "unshare --user --map-root-user ");
  };
  SECTION("by default they are denied") {
    Scene scene({.rules = rule("root", "{ user: root }")});
    CHECK(psqlAfter(scene, "").output == "let in\n");
    CHECK(psqlInside(scene).output.find("connection not permitted") != std::string::npos);
    scene.stopPeerpool();
  }
  SECTION("allow lets them in") {
    Scene scene({.rules = rule("root", "{ user: root }"), .listener = "    containers: allow\n"});
    CHECK(psqlInside(scene).output == "let in\n");
    scene.stopPeerpool();
  }
  SECTION("only lets nobody else in") {
    Scene scene({.rules = rule("root", "{ user: root }"), .listener = "    containers: only\n"});
    CHECK(psqlInside(scene).output == "let in\n");
    CHECK(psqlAfter(scene, "").exit_code == 2);
    scene.stopPeerpool();
  }
  SECTION("a rule may keep them out alone") {
    Scene scene({.rules = rule("root", "{ user: root, container: none }"),
                 .listener = "    containers: allow\n"});
    CHECK(psqlAfter(scene, "").output == "let in\n");
    CHECK(psqlInside(scene).exit_code == 2);
    scene.stopPeerpool();
  }
}

namespace {

/// A connection that a child makes, with a socket that the test keeps.
class HandedOver {
 public:
  explicit HandedOver(const std::string& path) : fd_(UniqueFd(::socket(AF_UNIX, SOCK_STREAM, 0))) {
    child_ = ::fork();
    if (child_ == 0) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
      if (::connect(fd_.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        ::pause();
      }
      ::_exit(1);
    }
  }
  ~HandedOver() { endChild(); }
  HandedOver(const HandedOver&) = delete;
  HandedOver& operator=(const HandedOver&) = delete;

  [[nodiscard]] RawClient& client() noexcept { return fd_; }
  void endChild() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
      child_ = -1;
    }
  }
  [[nodiscard]] std::string ask(const std::string& sql) {
    fd_.send(rawMessage('Q', sql + '\0'));
    return typesOf(fd_.receiveUntil('Z'));
  }

 private:
  RawClient fd_;
  pid_t child_ = -1;
};

}  // namespace

TEST_CASE("a bound session ends with the process that connected (check 2)") {
  if (cannotRun()) {
    return;
  }
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  const bool bound = GENERATE(true, false);
  Scene scene(
      {.workers = workers,
       .rules = rule("root", "{ user: root }", bound ? "    bind_to_process: true\n" : "")});
  HandedOver taken(scene.socketPath());
  REQUIRE(eventually([&] {
    return taken.client().send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}}));
  }));
  REQUIRE(typesOf(taken.client().receiveUntil('Z')).back() == 'Z');
  CHECK(taken.ask("SELECT 1") == "TDCZ");
  taken.endChild();
  if (bound) {
    const auto end = taken.client().receiveUntilClosed();
    REQUIRE(end);
    CHECK(end->find("57P01") != std::string::npos);
    CHECK(end->find("the process that connected has ended") != std::string::npos);
  } else {
    CHECK(taken.ask("SELECT 1") == "TDCZ");
  }
  scene.stopPeerpool();
}

TEST_CASE("a bound session in a transaction ends too and is rolled back") {
  if (cannotRun()) {
    return;
  }
  Scene scene({.rules = rule("root", "{ user: root }", "    bind_to_process: true\n"),
               .prepare = "CREATE ROLE app LOGIN; CREATE DATABASE shop OWNER app;"});
  HandedOver taken(scene.socketPath());
  REQUIRE(eventually([&] {
    return taken.client().send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}}));
  }));
  (void)taken.client().receiveUntil('Z');
  CHECK(taken.ask("BEGIN; CREATE TABLE left_over ()") == "CCZ");
  taken.endChild();
  CHECK(taken.client().receiveUntilClosed());
  CHECK(psqlAfter(scene, "", "SELECT to_regclass('left_over') IS NULL").output == "t\n");
  scene.stopPeerpool();
}

}  // namespace peerpool::testing
