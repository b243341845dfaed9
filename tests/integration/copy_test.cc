// Bulk data: COPY in both directions, and a dump restored through the proxy.

#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>

#include "tests/integration/scene.h"

namespace peerpool::testing {
namespace {

// About `megabytes` of lines with numbers and text that looks random but is the same each time.
void writeTable(const std::string& path, std::size_t megabytes) {
  std::ofstream file(path, std::ios::binary);
  std::uint64_t state = 88172645463325252U;
  std::size_t written = 0;
  for (std::size_t row = 0; written < megabytes * 1'000'000; ++row) {
    std::string line = std::to_string(row) + '\t';
    for (int i = 0; i < 5; ++i) {
      state ^= state << 13U;
      state ^= state >> 7U;
      state ^= state << 17U;
      line += std::to_string(state);
    }
    line += '\n';
    written += line.size();
    file << line;
  }
}

void copyBothWays(std::size_t workers, std::size_t megabytes) {
  CAPTURE(workers);
  const Scene scene({.workers = workers, .rules = everybodyMayBe("app")});
  const TempDir files;
  writeTable(files / "in", megabytes);
  const Finished copied = run(scene.client(
      {"psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-c", "CREATE TABLE t (a bigint, b text)", "-c",
       "\\copy t from '" + (files / "in") + "'", "-c",
       "\\copy (SELECT * FROM t ORDER BY a) to '" + (files / "out") + "'"}));
  INFO(copied.describe());
  CHECK(copied.ok());
  const Finished compared = run({{"cmp", files / "in", files / "out"}});
  INFO(compared.describe());
  CHECK(compared.ok());
}

}  // namespace

TEST_CASE("a table copied in and out again is the same") {
  copyBothWays(GENERATE(as<std::size_t>{}, 1, 3), 10);
}

TEST_CASE("a table of 100 MB copied in and out again is the same", "[.long]") {
  copyBothWays(GENERATE(as<std::size_t>{}, 1, 3), 100);
}

TEST_CASE("a copy that fails in the middle leaves a session that works") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  const Scene scene({.workers = workers,
                     .rules = everybodyMayBe("app"),
                     .pools = "  mode: transaction\n  size: 1\n"});
  const TempDir files;
  writeFile(files / "bad", "1\n2\nthree\n" + std::string(3'000'000, '4') + '\n');
  const Finished finished = run(
      scene.client({"psql", "-XAtq", "-c", "CREATE TABLE t (a int)", "-c",
                    "\\copy t from '" + (files / "bad") + "'", "-c", "SELECT count(*) FROM t"}));
  INFO(finished.describe());
  CHECK(finished.errors.find("invalid input syntax") != std::string::npos);
  CHECK(finished.output == "0\n");
  CHECK(scene.connect().exec("SELECT 1").ok);
}

TEST_CASE("a dump restored through the proxy dumps the same again") {
  const std::size_t workers = GENERATE(as<std::size_t>{}, 1, 3);
  CAPTURE(workers);
  Scene scene({.workers = workers,
               .rules = everybodyMayBe("app"),
               .pools = "  mode: session\n  size: 4\n",
               .prepare = "CREATE ROLE app LOGIN; CREATE DATABASE shop OWNER app;"
                          "CREATE DATABASE restored OWNER app;"});
  Pq client = scene.connect();
  REQUIRE(client
              .exec("CREATE TABLE goods (id serial PRIMARY KEY, name text NOT NULL, price numeric);"
                    "INSERT INTO goods (name, price) SELECT 'thing ' || i, i / 7.0 "
                    "FROM generate_series(1, 20000) i;"
                    "CREATE INDEX ON goods (name);"
                    "CREATE VIEW cheap AS SELECT * FROM goods WHERE price < 10;"
                    "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'")
              .ok);
  const TempDir files;
  const auto dump = [&](const std::string& database, const std::string& file) {
    Command command = scene.client({"pg_dump", "--no-comments"}, "app", database);
    command.output_file = files / file;
    return run(command);
  };
  const Finished first = dump("shop", "first");
  INFO(first.describe());
  REQUIRE(first.ok());
  const Finished restore = run(scene.client(
      {"psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-f", files / "first"}, "app", "restored"));
  INFO(restore.describe());
  REQUIRE(restore.ok());
  CHECK(dump("restored", "second").ok());
  // Newer versions bracket a dump with \\restrict and a random word.
  const Finished compared = run({{"diff", "-I", "restrict", files / "first", files / "second"}});
  INFO(compared.output.substr(0, 2000));
  CHECK(compared.ok());
}

}  // namespace peerpool::testing
