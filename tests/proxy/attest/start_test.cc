// How the helper starts: arguments, socket, and what it gives up.

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "auth/proc_text.h"
#include "proxy/attest/listening_socket.h"
#include "proxy/attest/options.h"
#include "proxy/attest/privileges.h"
#include "tests/support/credentials.h"
#include "tests/support/temp_dir.h"

namespace peerpool::attest {
namespace {

TEST_CASE("Arguments are an account and perhaps a path") {
  const auto options = parseOptions({"--client", "peerpool", "--socket", "/run/s"});
  REQUIRE(options);
  CHECK(options->client == "peerpool");
  CHECK(options->socket == "/run/s");
  CHECK(parseOptions({"--client", "7"})->socket.empty());
  CHECK(parseOptions({"--help"})->help);
  for (const auto& wrong : std::vector<std::vector<std::string>>{
           {}, {"--socket", "/run/s"}, {"--client"}, {"--client", ""}, {"x"}, {"--config", "x"}}) {
    CHECK_FALSE(parseOptions(wrong));
  }
}

TEST_CASE("The socket is its client's alone") {
  const testing::TempDir directory;
  const std::string path = directory / "s";
  const UniqueFd socket = listenAt(path, ::geteuid());
  CHECK(testing::permissionsOf(path) == 0600);
  CHECK_THROWS_WITH(listenAt(path, ::geteuid()), path + " is in use");
  if (testing::canSwitchUser()) {
    const UniqueFd given = listenAt(directory / "given", 64001);
    struct stat facts {};
    REQUIRE(::stat((directory / "given").c_str(), &facts) == 0);
    CHECK(facts.st_uid == 64001);
  }
}

TEST_CASE("A socket that nobody listens on is replaced, and nothing else is") {
  const testing::TempDir directory;
  const std::string path = directory / "s";
  { const UniqueFd dead = listenAt(path, ::geteuid()); }
  CHECK(testing::exists(path));
  CHECK_NOTHROW(listenAt(path, ::geteuid()));
  testing::writeFile(directory / "file", "precious");
  CHECK_THROWS_WITH(listenAt(directory / "file", ::geteuid()), (directory / "file") + " is in use");
  CHECK(testing::readFile(directory / "file") == "precious");
  for (const std::string& wrong : {std::string(), std::string("relative"),
                                   directory / std::string(200, 'x'), directory / "no/s"}) {
    CHECK_THROWS_AS(listenAt(wrong, ::geteuid()), std::runtime_error);
  }
}

TEST_CASE("Without a passed socket there is none") {
  ::unsetenv("LISTEN_PID");
  CHECK_THROWS_WITH(passedSocket(), "no socket was passed, and --socket is missing");
}

/// The words behind "KEY:" in our own status.
std::string statusOf(const std::string& key) {
  const std::string text = testing::readFile("/proc/self/status");
  const auto fields = auth::fieldsOf(auth::lineAfter(text, key + ':'));
  return fields.empty() ? "" : std::string(fields.front());
}

TEST_CASE("Of all capabilities it keeps the one to look at processes") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr char kTracing[] = "0000000000080000";
    rlimit files{};
    const bool kept =
        keepOnlyTracing() && statusOf("CapEff") == kTracing && statusOf("CapPrm") == kTracing &&
        statusOf("CapBnd") == kTracing && statusOf("CapInh") == "0000000000000000" &&
        statusOf("CapAmb") == "0000000000000000" && statusOf("NoNewPrivs") == "1" &&
        ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && ::getrlimit(RLIMIT_NOFILE, &files) == 0 &&
        files.rlim_max == 64 && ::getrlimit(RLIMIT_CORE, &files) == 0 && files.rlim_max == 0;
    ::_exit(kept ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

}  // namespace
}  // namespace peerpool::attest
