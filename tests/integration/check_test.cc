// `peerpool check` on files with one mistake each: exit code 78, and a message that leads to it.

#include <catch2/catch.hpp>
#include <regex>

#include "tests/support/peerpool.h"

namespace peerpool::testing {
namespace {

struct Mistake {
  const char* what;
  const char* from;  ///< Text of the good file that is replaced; empty: `to` is appended.
  const char* to;
  const char* key;  ///< Part of the key's path that the message must name.
};

const std::string& goodFile() {
  static const std::string text = R"(version: 1
process: { workers: 1 }
backends:
  main:
    protocol: postgresql
    address: "unix:/run/postgresql/.s.PGSQL.5432"
    expect_peer: { user: games }
    login: trust
pools:
  mode: transaction
  size: 4
listeners:
  pg: { path: DIRECTORY/.s.PGSQL.5432, backend: main, mode: "0660", group: games, acl: [ { user: www-data } ] }
identities:
  web: { user: www-data }
rules:
  - name: web to shop
    allow: web
    listener: pg
    databases: [shop]
    as: shop_rw
  - name: as themselves
    allow: { group: games }
    listener: pg
    databases: ["*"]
    as: "${user}"
)";
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  if (from.empty()) {
    return text + to;
  }
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const std::string kDirectory = "DIRECTORY";  // Stands for the scratch directory in goodFile().

Finished check(const TempDir& directory, const std::string& text) {
  const bool has_directory = text.find(kDirectory) != std::string::npos;
  writeFile(directory / "p.yaml",
            has_directory ? replaced(text, kDirectory, directory.path()) : text);
  return runPeerpool({"check", "--config", directory / "p.yaml"});
}

const Mistake kMistakes[] = {
    {"no version", "version: 1\n", "", "version"},
    {"an unknown version", "version: 1", "version: 2", "version"},
    {"an unknown top-level key", "", "listner: {}\n", "listner"},
    {"an unknown key inside", "size: 4", "sise: 4", "sise"},
    {"a duplicate key", "size: 4", "size: 4\n  size: 5", "size"},
    {"a mode without quotes", "\"0660\"", "0660", "mode"},
    {"a mode that is no octal", "\"0660\"", "\"0980\"", "mode"},
    {"an unknown pool mode", "mode: transaction", "mode: transactoin", "mode"},
    {"a size that is no number", "size: 4", "size: four", "size"},
    {"a size of nothing", "size: 4", "size: 0", "size"},
    {"a duration without a unit", "size: 4", "wait_timeout: 30", "wait_timeout"},
    {"a backend that is not there", "backend: main", "backend: mane", "backend"},
    {"a rule's listener that is not there", "listener: pg", "listener: pq", "listener"},
    {"an identity that is not there", "allow: web", "allow: wbe", "allow"},
    {"a user that is not there", "user: www-data", "user: www-dat", "user"},
    {"a group that is not there", "{ group: games }\n    listener",
     "{ group: gamse }\n    listener", "group"},
    {"an allow without databases", "    databases: [shop]\n", "", "databases"},
    {"an allow without roles or as", "    as: shop_rw\n", "", "as"},
    {"a rule without a name", "- name: web to shop\n    allow", "- allow", "name"},
    {"allow and deny at once", "allow: web\n", "allow: web\n    deny: web\n", "deny"},
    {"an address without a scheme", "unix:/run", "/run", "address"},
    {"an address that is not supported yet", "unix:/run/postgresql/.s.PGSQL.5432", "tcp:db:5432",
     "address"},
    {"an unknown protocol", "protocol: postgresql", "protocol: oracle", "protocol"},
    {"a login that this version lacks", "login: trust", "login: password", "login"},
    {"a role name over 63 bytes", "as: shop_rw",
     "as: a123456789b123456789c123456789d123456789e123456789f123456789g123456789", "as"},
    {"an unknown template", "\"${user}\"", "\"${usre}\"", "as"},
    {"a key that this version does not enforce", "", "metrics: { address: \"tcp:127.0.0.1:1\" }\n",
     "metrics"},
    {"an anchor", "user: www-data", "user: &u www-data", "user"},
    {"two documents", "", "---\nversion: 1\n", ""},
    {"a tab", "  size: 4", "\tsize: 4", ""},
    {"a relative socket path", "path: DIRECTORY/.s", "path: run/.s", "path"},
    {"a socket path over 107 bytes", "DIRECTORY/.s.PGSQL.5432",
     "/run/a123456789b123456789c123456789d123456789e123456789f123456789g123456789h123456789"
     "i123456789j123456789/.s.PGSQL.5432",
     "path"},
};

}  // namespace

TEST_CASE("a good file passes the check") {
  const TempDir directory;
  const Finished finished = check(directory, goodFile());
  INFO(finished.describe());
  CHECK(finished.exit_code == 0);
}

TEST_CASE("each mistake is named with file line column and key (check 52)") {
  const TempDir directory;
  for (const Mistake& mistake : kMistakes) {
    const Finished finished = check(directory, replaced(goodFile(), mistake.from, mistake.to));
    INFO(mistake.what << ": " << finished.describe());
    CHECK(finished.exit_code == 78);
    const std::string said = finished.errors + finished.output;
    CHECK(std::regex_search(said, std::regex("p\\.yaml:[0-9]+:[0-9]+: error: ")));
    CHECK(said.find(mistake.key) != std::string::npos);
  }
}

TEST_CASE("all mistakes come in one run") {
  const TempDir directory;
  std::string text = goodFile();
  for (const Mistake& mistake : {kMistakes[3], kMistakes[5], kMistakes[11], kMistakes[16]}) {
    text = replaced(text, mistake.from, mistake.to);
  }
  const Finished finished = check(directory, text);
  INFO(finished.describe());
  CHECK(finished.exit_code == 78);
  const std::string said = finished.errors + finished.output;
  for (const char* word : {"sise", "mode", "mane", "databases"}) {
    CHECK(said.find(word) != std::string::npos);
  }
  CHECK(said.find("hint: ") != std::string::npos);
}

TEST_CASE("serve refuses a broken file in the same way") {
  const TempDir directory;
  writeFile(directory / "p.yaml", "version: 1\nlistner: {}\n");
  const Finished finished =
      runPeerpool({"serve", "--config", directory / "p.yaml", "--runtime-dir", directory / "run"});
  INFO(finished.describe());
  CHECK(finished.exit_code == 78);
  CHECK(finished.errors.find("listner") != std::string::npos);
}

TEST_CASE("a file that somebody else may write is refused (check 49)") {
  if (skipWithoutRoot()) {
    return;
  }
  const TempDir directory;
  static_cast<void>(check(directory, goodFile()));
  CHECK(run({{"chmod", "0666", directory / "p.yaml"}}).ok());
  const Finished finished = runPeerpool({"check", "--config", directory / "p.yaml"});
  INFO(finished.describe());
  CHECK(finished.exit_code == 78);
}

}  // namespace peerpool::testing
