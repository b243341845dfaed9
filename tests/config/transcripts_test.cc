// Broken files and what is said about them, one mistake each: tests/transcripts/config.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "config/load.h"
#include "tests/support/temp_dir.h"

namespace peerpool::config {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(PEERPOOL_SOURCE_DIR) / "tests/transcripts/config";

std::vector<fs::path> transcripts() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Diagnostic> diagnosticsOf(const fs::path& file) {
  Diagnostics out;
  (void)loadText(testing::readFile(file), file.filename(), out);
  return out.sorted();
}

std::string expectedOf(fs::path file) {
  return testing::readFile(file.replace_extension(".expected"));
}

bool begins(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

TEST_CASE("each transcript gives exactly the diagnostics that stand beside it") {
  const std::vector<fs::path> files = transcripts();
  CHECK(files.size() > 100);
  for (const fs::path& file : files) {
    std::string said;
    for (const Diagnostic& diagnostic : diagnosticsOf(file)) {
      said += describe(diagnostic) + '\n';
    }
    INFO(file.filename());
    CHECK(said == expectedOf(file));
  }
}

TEST_CASE("each error has a file, a line, a column and a hint") {
  for (const fs::path& file : transcripts()) {
    for (const Diagnostic& diagnostic : diagnosticsOf(file)) {
      INFO(describe(diagnostic));
      CHECK(diagnostic.where.file == file.filename());
      CHECK(diagnostic.where.line > 0);
      CHECK(diagnostic.where.column > 0);
      CHECK_FALSE(diagnostic.message.empty());
      if (diagnostic.severity == Diagnostic::Severity::Error) {
        CHECK_FALSE(diagnostic.hint.empty());
      }
    }
  }
}

TEST_CASE("good files have no diagnostics and broken ones have an error") {
  for (const fs::path& file : transcripts()) {
    Diagnostics out;
    (void)loadText(testing::readFile(file), file.filename(), out);
    INFO(file.filename());
    const std::string name = file.filename();
    if (begins(name, "good_")) {
      CHECK(out.sorted().empty());
    } else {
      CHECK(out.hasErrors() == !begins(name, "warning_"));
    }
  }
}

TEST_CASE("one run shows ten mistakes") {
  const std::vector<Diagnostic> all = diagnosticsOf(kFolder / "ten_at_once.yaml");
  CHECK(all.size() == 10);
}

TEST_CASE("the manual's full example has no other mistake than keys that are not enforced yet") {
  const std::vector<Diagnostic> all = diagnosticsOf(kFolder / "not_enforced_full_example.yaml");
  CHECK_FALSE(all.empty());
  for (const Diagnostic& diagnostic : all) {
    INFO(describe(diagnostic));
    CHECK(diagnostic.message.find("is not enforced by this version of peerpool") !=
          std::string::npos);
  }
}

}  // namespace
}  // namespace peerpool::config
