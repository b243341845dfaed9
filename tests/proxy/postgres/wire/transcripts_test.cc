// Sessions of PostgreSQL 15 with psql and pgbench, as they went over the wire: the codec reads them
// to the end, however they are cut.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "proxy/postgres/wire/message_reader.h"
#include "proxy/postgres/wire/startup.h"
#include "tests/support/temp_dir.h"

using namespace peerpool;
using namespace peerpool::postgres::wire;

namespace {

std::vector<std::string> transcripts(const std::string& extension) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PEERPOOL_SOURCE_DIR) +
                                                               "/tests/transcripts/postgres")) {
    if (entry.path().extension() == extension) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// The types of all messages in `stream`, which comes in pieces of `step` bytes.
std::string typesOf(std::string_view stream, std::size_t step) {
  MessageReader reader(1 << 20);
  std::string types;
  std::size_t consumed = 0;
  for (std::size_t available = 0; consumed < stream.size();) {
    const ReadResult read = reader.next(asBytes(stream.substr(consumed, available - consumed)));
    REQUIRE(read.step != ReadResult::Step::Failed);
    if (read.step == ReadResult::Step::NeedMore) {
      REQUIRE(available < stream.size());
      available = std::min(stream.size(), available + step);
      continue;
    }
    types += read.fragment.first ? std::string(1, read.fragment.type) : "";
    consumed += read.fragment.bytes.size();
  }
  REQUIRE(reader.atBoundary());
  return types;
}

}  // namespace

TEST_CASE("Recorded clients are read to the end, however they are cut") {
  for (const std::string& path : transcripts(".client")) {
    CAPTURE(path);
    const std::string stream = testing::readFile(path);
    const StartupResult startup = readStartup(asBytes(stream));
    REQUIRE(startup.step == StartupResult::Step::Startup);
    REQUIRE(startup.startup.value("database") == "postgres");
    const std::string_view rest = std::string_view(stream).substr(startup.consumed);
    const std::string types = typesOf(rest, rest.size());
    REQUIRE((types.empty() || types.back() == 'X'));
    for (const std::size_t step : {1U, 2U, 3U, 7U, 64U}) {
      REQUIRE(typesOf(rest, step) == types);
    }
  }
}

TEST_CASE("Recorded servers are read to the end, however they are cut") {
  std::size_t logins = 0;
  for (const std::string& path : transcripts(".server")) {
    CAPTURE(path);
    const std::string stream = testing::readFile(path);
    const std::string types = typesOf(stream, stream.size());
    REQUIRE((types.front() == 'R' && (types.back() == 'Z' || types.back() == 'E')));
    logins += types.back() == 'Z' ? 1U : 0U;
    for (const std::size_t step : {1U, 2U, 3U, 7U, 64U}) {
      REQUIRE(typesOf(stream, step) == types);
    }
  }
  REQUIRE(logins >= 7);
}
