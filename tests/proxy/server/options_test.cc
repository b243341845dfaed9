// The command line, case by case.

#include "proxy/server/options.h"

#include <catch2/catch.hpp>

namespace peerpool::server {
namespace {

using Arguments = std::vector<std::string>;

Options parsed(const Arguments& arguments) {
  Result<Options> result = parseOptions(arguments);
  INFO((result ? "" : result.error().text));
  REQUIRE(result.has_value());
  return *std::move(result);
}

TEST_CASE("Commands and their options") {
  CHECK(parsed({"serve"}).config == "/etc/peerpool/peerpool.yaml");
  CHECK(parsed({"serve"}).command == Command::Serve);
  CHECK(parsed({"check", "--config", "a.yaml"}).config == "a.yaml");
  CHECK(parsed({"check", "--config=a.yaml"}).config == "a.yaml");
  CHECK(parsed({"check", "-c", "a.yaml"}).config == "a.yaml");
  CHECK(parsed({"policy", "diff", "a", "b"}).files == Arguments{"a", "b"});
  CHECK(parsed({"policy", "diff", "--help"}).help);
  CHECK(parsed({"check"}).format == ReportFormat::Text);
  CHECK(parsed({"check", "--format", "json"}).format == ReportFormat::Json);
  CHECK(parsed({"check", "--format=sarif", "--strict"}).format == ReportFormat::Sarif);
  CHECK(parsed({"check", "--strict"}).strict);
  CHECK(parsed({"serve", "--runtime-dir", "/run/x"}).runtime_directory == "/run/x");
  CHECK(parsed({"status"}).what == admin::StatusKind::All);
  CHECK_FALSE(parsed({"status"}).json);
  CHECK(parsed({"status", "--json", "servers"}).json);
  CHECK(parsed({"status", "servers", "--config", "x"}).what == admin::StatusKind::Servers);
  CHECK(parsed({"--help"}).help);
  CHECK(parsed({"--help"}).command == Command::Help);
  CHECK(parsed({"status", "--help"}).help);
  CHECK(parsed({"explain", "-h"}).command == Command::Explain);
  CHECK(parsed({"--version"}).command == Command::Version);
}

TEST_CASE("explain takes a peer and what it asks for") {
  const Options by_user = parsed({"explain", "--listener", "pg", "--user", "alice", "--group",
                                  "dba", "--group", "staff", "--database", "shop", "--role", "rw"});
  CHECK(by_user.listener == "pg");
  CHECK(by_user.user == "alice");
  CHECK(by_user.groups == Arguments{"dba", "staff"});
  CHECK(by_user.database == "shop");
  CHECK(by_user.role == "rw");
  CHECK_FALSE(by_user.pid.has_value());
  CHECK(parsed({"explain", "--listener", "pg", "--pid", "42"}).pid == 42);
  const Options described = parsed({"explain", "--listener", "pg", "--user", "a", "--unit",
                                    "web.service", "--exe", "/bin/x", "--container", "docker"});
  CHECK(described.process.unit == "web.service");
  CHECK(described.process.executable == "/bin/x");
  CHECK(described.process.container == config::ContainerKind::Docker);
  CHECK(parsed({"explain", "--reference", "K7", "log"}).files == Arguments{"log"});
}

TEST_CASE("A wrong command line is refused with a hint") {
  struct Case {
    Arguments arguments;
    std::string expected;
  };
  const auto [arguments, expected] = GENERATE(values<Case>({
      {{}, "a command is missing"},
      {{"serv"}, "did you mean serve?"},
      {{"statsu"}, "did you mean status?"},
      {{"frobnicate"}, "see peerpool --help"},
      {{"--verison"}, "did you mean --version?"},
      {{"check", "--confg", "x"}, "did you mean --config?"},
      {{"check", "--runtime-dir", "x"}, "unknown option"},
      {{"check", "file.yaml"}, "unexpected argument 'file.yaml'"},
      {{"who-can", "--role", "r"}, "who-can needs --database"},
      {{"policy", "replay"}, "needs the files of an audit log"},
      {{"explain", "--listener", "pg", "--pid", "1", "--unit", "a"}, "go with --user"},
      {{"explain", "--listener", "pg", "--user", "a", "log"}, "audit logs go with --reference"},
      {{"explain", "--reference", "K7", "--user", "a"}, "--reference stands for peer"},
      {{"explain", "--listener", "pg", "--user", "a", "--container", "lxc"}, "'lxc' is no KIND"},
      {{"policy"}, "see peerpool --help"},
      {{"policy", "dif"}, "did you mean policy diff?"},
      {{"policy", "diff", "a"}, "policy diff needs two files"},
      {{"policy", "diff", "a", "b", "c"}, "unexpected argument 'c'"},
      {{"check", "--format", "xml"}, "'xml' is no FORMAT"},
      {{"check", "--config"}, "config"},
      {{"check", "--config", "a", "--config", "b"}, "config"},
      {{"status", "pool"}, "one of pools, clients, servers, limits"},
      {{"status", "pools", "clients"}, "unexpected argument 'clients'"},
      {{"status", "--json=yes"}, "json"},
      {{"explain", "--user", "alice"}, "needs --listener"},
      {{"explain", "--listener", "pg"}, "either --pid N or --user NAME"},
      {{"explain", "--listener", "pg", "--pid", "1", "--user", "a"}, "either --pid N or --user"},
      {{"explain", "--listener", "pg", "--pid", "1", "--group", "a"}, "go with --user"},
      {{"explain", "--listener", "pg", "--pid", "x1"}, "'x1' is no N"},
      {{"explain", "--listener", "pg", "--pid", "0"}, "'0' is no N"},
      {{"explain", "--listener", "pg", "--pid", "99999999999"}, "is no N"},
      {{"explain", "--listener=", "--user", "a"}, "listener"},
  }));
  const Result<Options> result = parseOptions(arguments);
  REQUIRE_FALSE(result.has_value());
  INFO(result.error().text);
  CHECK(result.error().text.find(expected) != std::string::npos);
}

TEST_CASE("Help names every command, and every option of one") {
  const std::string all = helpText(Command::Help);
  for (const char* word : {"serve", "check", "explain", "status", "--version"}) {
    CHECK(all.find(word) != std::string::npos);
  }
  const std::string one = helpText(Command::Explain);
  for (const char* word :
       {"--listener NAME", "--pid N", "--user NAME", "--group NAME", "--role R"}) {
    CHECK(one.find(word) != std::string::npos);
  }
  CHECK(one.find("serve") == std::string::npos);
}

}  // namespace
}  // namespace peerpool::server
