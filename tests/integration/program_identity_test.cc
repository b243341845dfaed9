// Rules about the program that connected: exe and exe_sha256, with a real helper.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>

#include "auth/process_handle.h"
#include "tests/integration/scene.h"
#include "tests/support/credentials.h"

namespace peerpool::testing {
namespace {

namespace fs = std::filesystem;

bool cannotRun() {
  return skipWithoutRoot() || (!auth::kernelNamesPeers() && skipBecause("the kernel is too old"));
}

std::string rule(const std::string& name, const std::string& who) {
  return "  - name: " + name + "\n    allow: " + who +
         "\n    listener: pg\n    databases: [shop]\n    roles: [app]\n";
}

std::string psql() { return fs::canonical(postgresProgram("psql")); }

/// Another file with the same content.
std::string copyOfPsql(const TempDir& directory, const std::string& name = "psql") {
  const std::string path = directory / name;
  fs::copy_file(psql(), path);
  fs::permissions(directory.path(), fs::perms(0755));
  return path;
}

std::string digestOf(const std::string& path) {
  const Finished finished = run({{"sha256sum", path}});
  REQUIRE(finished.ok());
  return finished.output.substr(0, 64);
}

/// psql, or what stands in its place, started by a shell that first does `before`.
Finished ask(const Scene& scene, const std::string& program, const std::string& before = "",
             const std::optional<Credentials>& as = std::nullopt) {
  Command command = scene.client({"psql"});
  command.arguments = {"sh", "-c", before + "exec \"$0\" -AtXc \"SELECT 'let in'\" 2>&1", program};
  command.run_as = as;
  return run(command);
}

bool letsIn(const Scene& scene, const std::string& program,
            const std::optional<Credentials>& as = std::nullopt) {
  const Finished finished = ask(scene, program, "", as);
  INFO(finished.describe());
  CHECK((finished.output == "let in\n" ||
         finished.output.find("connection not permitted") != std::string::npos));
  return finished.output == "let in\n";
}

/// Why the last client was denied; there is one.
std::string lastReason(const Scene& scene) {
  return scene.peerpool().waitForEvents("client denied", 1).back()["reason"];
}

/// A socket that a client finds and nobody serves, so that it waits there.
class Limbo {
 public:
  explicit Limbo(const TempDir& directory) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory / ".s.PGSQL.5432";
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_.get(), 4) == 0);
    fs::permissions(path, fs::perms(0777));
  }

 private:
  UniqueFd fd_;
};

}  // namespace

TEST_CASE("a program is let in, and another one of the same account is not") {
  if (cannotRun()) {
    return;
  }
  const TempDir directory;
  const std::string other = copyOfPsql(directory);
  Scene scene({.rules = rule("psql", "{ user: root, exe: " + psql() + " }"), .attested = true});
  CHECK(letsIn(scene, psql()));
  CHECK_FALSE(letsIn(scene, other));
  CHECK(letsIn(scene, psql()));
  CHECK_FALSE(letsIn(scene, psql(), stranger(0)));
  scene.stopPeerpool();
}

TEST_CASE("a program that is mounted over the trusted one is not let in (check 4)") {
  if (cannotRun()) {
    return;
  }
  const bool own_users = GENERATE(false, true);
  CAPTURE(own_users);
  const Credentials attacker = own_users ? stranger(0) : Credentials{0, 0, {}};
  const std::string space =
      own_users ? "exec unshare --user --map-root-user --mount " : "exec unshare --mount ";
  const TempDir directory;
  const std::string own = copyOfPsql(directory);
  const std::string mounted =
      space + "sh -c 'mount --bind " + own + " " + psql() + " && exec \"$@\"' sh ";
  {
    // Who believes the name in /proc is fooled.
    const Limbo limbo(directory);
    Process waiting({{"sh", "-c", mounted + "\"$0\" -h " + directory.path(), psql()}, attacker});
    const std::string link = "/proc/" + std::to_string(waiting.pid()) + "/exe";
    std::error_code error;
    CHECK(eventually([&] { return fs::read_symlink(link, error) == psql(); }));
    CHECK_FALSE(fs::equivalent(link, psql()));
  }
  const std::string uid = std::to_string(attacker.uid);
  Scene scene({.rules = rule("psql", "{ uid: " + uid + ", exe: " + psql() + " }"),
               .listener = "    containers: allow\n",
               .attested = true});
  CHECK(letsIn(scene, psql(), attacker));
  const Finished refused =
      run({{"sh", "-c", mounted + "\"$0\" -AtXc \"SELECT 'let in'\" 2>&1", psql()},
           attacker,
           scene.client({"psql"}).environment});
  INFO(refused.describe());
  CHECK(refused.output.find("connection not permitted") != std::string::npos);
  CHECK(lastReason(scene).find("lives in another mount namespace") != std::string::npos);
  scene.stopPeerpool();
}

TEST_CASE("without its helper nobody is let in by a program, and with it again") {
  if (cannotRun()) {
    return;
  }
  Scene scene({.rules = rule("psql", "{ user: root, exe: " + psql() + " }"), .attested = true});
  CHECK(letsIn(scene, psql()));
  scene.helper().kill();
  CHECK_FALSE(letsIn(scene, psql()));
  scene.startHelper();
  CHECK(letsIn(scene, psql()));
  const Finished ended = scene.helper().terminate();
  CHECK(ended.ok());
  CHECK_FALSE(exists(scene.directory() / "run/attest.sock"));
  CHECK_FALSE(letsIn(scene, psql()));
  scene.stopPeerpool();
}

TEST_CASE("a helper that hangs delays only those whom rules ask for a program") {
  if (cannotRun()) {
    return;
  }
  Scene scene({.rules = rule("psql", "{ user: root, exe: " + psql() + " }") +
                        rule("stranger", "{ uid: 61001 }"),
               .attested = true});
  CHECK(letsIn(scene, psql()));
  scene.helper().signal(SIGSTOP);
  Command slow = scene.client({"psql"});
  slow.arguments = {psql(), "-AtXc", "SELECT 1"};
  Process waiting(slow);
  CHECK(letsIn(scene, psql(), stranger(0)));
  const Finished refused = waiting.wait();
  CHECK(refused.errors.find("connection not permitted") != std::string::npos);
  scene.helper().signal(SIGCONT);
  CHECK(eventually([&] { return letsIn(scene, psql()); }));
  scene.stopPeerpool();
}

TEST_CASE("a digest lets in any file with that content, and no other (check 33)") {
  if (cannotRun()) {
    return;
  }
  const TempDir directory;
  const std::string copy = copyOfPsql(directory);
  const std::string changed = copyOfPsql(directory, "changed");
  fs::resize_file(changed, fs::file_size(changed) + 1);
  const std::string large = copyOfPsql(directory, "large");
  fs::resize_file(large, (std::uintmax_t{256} << 20) + 1);
  Scene scene({.rules = rule("digest", "{ user: root, exe_sha256: " + digestOf(psql()) + " }"),
               .attested = true});
  CHECK(letsIn(scene, psql()));
  CHECK(letsIn(scene, copy));
  CHECK_FALSE(letsIn(scene, changed));
  CHECK_FALSE(letsIn(scene, large));
  CHECK(lastReason(scene).find("too large") != std::string::npos);
  fs::resize_file(copy, fs::file_size(copy) + 1);
  CHECK_FALSE(letsIn(scene, copy));
  CHECK(letsIn(scene, psql()));
  scene.stopPeerpool();
}

TEST_CASE("a program that was replaced after the load is another one until a reload") {
  if (cannotRun()) {
    return;
  }
  const TempDir directory;
  const std::string path = copyOfPsql(directory);
  Scene scene({.rules = rule("psql", "{ user: root, exe: " + path + " }"), .attested = true});
  CHECK(letsIn(scene, path));
  Command still = scene.client({"psql"});
  still.arguments = {path, "-AtXc", "SELECT pg_sleep(3600)"};
  Process old_one(still);
  CHECK(scene.peerpool().waitForEvents("client login", 2).size() == 2);
  fs::rename(copyOfPsql(directory, "newer"), path);
  CHECK_FALSE(letsIn(scene, path));
  CHECK(lastReason(scene).find("that path led to another file when the configuration was loaded") !=
        std::string::npos);
  REQUIRE(scene.peerpool().reload().ok());
  CHECK(letsIn(scene, path));
  CHECK_FALSE(old_one.wait().timed_out);
  // From now on others may change it: that is known at the next connection, and at the next load.
  fs::permissions(path, fs::perms(0777));
  CHECK_FALSE(letsIn(scene, path));
  CHECK(lastReason(scene).find("others than root may write its file") != std::string::npos);
  const Finished refused = scene.peerpool().reload();
  CHECK_FALSE(refused.ok());
  CHECK(refused.describe().find("may be written by others than root") != std::string::npos);
  scene.stopPeerpool();
}

TEST_CASE("a script is refused when the configuration is loaded") {
  if (cannotRun()) {
    return;
  }
  const TempDir directory;
  writeFile(directory / "script", "#!/bin/sh\nexec psql\n");
  fs::permissions(directory.path(), fs::perms(0755));
  Scene scene({.rules = rule("psql", "{ user: root, exe: " + psql() + " }"), .attested = true});
  scene.peerpool().replaceConfig([&] {
    std::string config = scene.config();
    return config.replace(config.find(psql()), psql().size(), directory / "script");
  }());
  const Finished refused = scene.peerpool().reload();
  CHECK_FALSE(refused.ok());
  CHECK(refused.describe().find("is a script: what runs is its interpreter") != std::string::npos);
  CHECK(letsIn(scene, psql()));
  scene.stopPeerpool();
}

TEST_CASE("a configuration that asks for programs does not load without the helper (check 56)") {
  if (cannotRun()) {
    return;
  }
  Scene scene({.rules = rule("root", "{ user: root }")});
  std::string config = scene.config();
  const std::string who = "{ user: root }";
  config.replace(config.find(who), who.size(), "{ user: root, exe: " + psql() + " }");
  scene.peerpool().replaceConfig(config);
  const Finished refused = scene.peerpool().reload();
  CHECK_FALSE(refused.ok());
  CHECK(refused.describe().find("peerpool-attest cannot be reached") != std::string::npos);
  CHECK(refused.describe().find("systemctl enable --now peerpool-attest.socket") !=
        std::string::npos);
  const std::vector<std::string> check{"check", "--config", scene.directory() / "peerpool.yaml"};
  const Finished checked = runPeerpool(check);
  INFO(checked.describe());
  CHECK(checked.ok());
  CHECK(checked.errors.find("warning: ") != std::string::npos);
  scene.startHelper();
  REQUIRE(scene.peerpool().reload().ok());
  CHECK(letsIn(scene, psql()));
  scene.stopPeerpool();
}

TEST_CASE("a service without privileges knows programs of others through its helper") {
  if (cannotRun()) {
    return;
  }
  const Credentials service = stranger(5);
  Scene scene({.rules = rule("psql", "{ user: root, exe: " + psql() + " }"), .attested = true});
  scene.stopPeerpool();
  scene.helper().terminate();
  for (const char* part : {"l", "run"}) {
    REQUIRE(::chown((scene.directory() / part).c_str(), service.uid, service.gid) == 0);
  }
  fs::permissions(scene.directory().path(), fs::perms(0755));
  const uid_t helpers = stranger(6).uid;
  const AttestHelper helper(scene.directory() / "run/attest.sock", service.uid, helpers);
  Peerpool peerpool(scene.directory(), scene.config(), {service});
  CHECK(ask(scene, psql()).output == "let in\n");
  const TempDir directory;
  CHECK(ask(scene, copyOfPsql(directory)).output.find("not permitted") != std::string::npos);
  CHECK(peerpool.stop().ok());
}

TEST_CASE("explain looks at the program of a process itself") {
  if (cannotRun()) {
    return;
  }
  const TempDir directory;
  const Limbo limbo(directory);
  Scene scene({.rules = rule("psql", "{ user: root, exe: " + psql() +
                                         ", exe_sha256: " + digestOf(psql()) + " }"),
               .attested = true});
  Process waiting({{psql(), "-h", directory.path()}});
  const std::string pid = std::to_string(waiting.pid());
  REQUIRE(eventually([&] {
    std::error_code error;
    return fs::read_symlink("/proc/" + pid + "/exe", error) == psql();
  }));
  const std::vector<std::string> question{"--listener", "pg",   "--pid",  pid,
                                          "--database", "shop", "--role", "app"};
  const Finished explained = scene.peerpool().explain(question);
  INFO(explained.describe());
  CHECK(explained.ok());
  CHECK(explained.output.find("matches") != std::string::npos);
  std::vector<std::string> ours = question;
  ours[3] = std::to_string(::getpid());
  CHECK(scene.peerpool().explain(ours).output.find("it runs") != std::string::npos);
  scene.stopPeerpool();
}

}  // namespace peerpool::testing
