// The source tree against its own rules: include edges, length budgets, words, format.

#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "tests/support/credentials.h"
#include "tests/support/process.h"
#include "tests/tidy/checks.h"

namespace peerpool::tidy {
namespace {

const std::vector<SourceFile>& layers() {
  static const std::vector<SourceFile> files =
      readSources(PEERPOOL_SOURCE_DIR, {"auth", "config", "proxy"});
  return files;
}

std::vector<SourceFile> everything() {
  std::vector<SourceFile> files = readSources(PEERPOOL_SOURCE_DIR, {"tests"});
  files.insert(files.end(), layers().begin(), layers().end());
  return files;
}

std::string joined(const Complaints& complaints) {
  std::string text;
  for (const std::string& complaint : complaints) {
    text += complaint + '\n';
  }
  return text;
}

void append(Complaints& all, const Complaints& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

TEST_CASE("every include of the layers points down") {
  REQUIRE(layers().size() > 20);
  CHECK(joined(checkIncludes(layers())) == "");
}

TEST_CASE("no includes go in a circle") { CHECK(joined(checkCycles(everything())) == ""); }

TEST_CASE("files, headers and functions keep their budgets") {
  Complaints complaints;
  for (const SourceFile& file : everything()) {
    append(complaints, checkBudgets(file));
  }
  CHECK(joined(complaints) == "");
}

TEST_CASE("no file has words that do not belong") {
  Complaints complaints;
  for (const SourceFile& file : everything()) {
    append(complaints, checkStyle(file));
  }
  CHECK(joined(complaints) == "");
}

TEST_CASE("all files are laid out by clang-format") {
  using testing::run;
  if (!run({{"clang-format", "--version"}}).ok()) {
    testing::skipBecause("clang-format is not installed");
    return;
  }
  testing::Command command{{"clang-format", "--dry-run", "--Werror"}};
  for (const SourceFile& file : everything()) {
    command.arguments.push_back(std::string(PEERPOOL_SOURCE_DIR) + '/' + file.path);
  }
  const testing::Finished finished = run(command);
  std::istringstream lines(finished.errors);
  std::set<std::string> files;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(": error: ") != std::string::npos) {
      files.insert("clang-format -i " + line.substr(0, line.find(':')));
    }
  }
  CHECK(joined({files.begin(), files.end()}) == "");
  CHECK(finished.ok());
}

}  // namespace peerpool::tidy
