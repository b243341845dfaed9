// The policies that we ship: they load, their own tests mean something, and what they grant is what
// was read and found right (tests/transcripts/examples).

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/auth/example.h"
#include "tests/auth/example_grants.h"
#include "tests/support/temp_dir.h"

namespace peerpool::auth::test {
namespace {

namespace fs = std::filesystem;

const fs::path kExpected = fs::path(PEERPOOL_SOURCE_DIR) / "tests/transcripts/examples";
const fs::path kActual = fs::path(PEERPOOL_BINARY_DIR) / "examples";

/// The configuration without one rule.
std::shared_ptr<const config::Config> without(const config::Config& config,
                                              std::vector<config::PolicyRule> config::Config::*list,
                                              std::size_t index) {
  auto copy = std::make_shared<config::Config>(config);
  auto& rules = (*copy).*list;
  rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(index));
  return copy;
}

void checkThatItIsMissed(const Example& example,
                         std::vector<config::PolicyRule> config::Config::*list) {
  const std::vector<config::PolicyRule>& rules = (*example.config).*list;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].dry_run) {
      continue;  // It never decides.
    }
    INFO(example.name << " without " << rules[i].name);
    CHECK_FALSE(mistakesOf(without(*example.config, list, i)).empty());
  }
}

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

TEST_CASE("each example loads without an error or a warning, and its tests pass") {
  const std::vector<Example> examples = readExamples();
  CHECK(examples.size() >= 25);
  for (const Example& example : examples) {
    INFO(example.name);
    CHECK(example.mistakes == std::vector<std::string>{});
    CHECK(mistakesOf(example.config) == std::vector<std::string>{});
  }
}

TEST_CASE("each example says for whom it is, what it grants and what it does not protect against") {
  const std::string list =
      testing::readFile(std::string(PEERPOOL_SOURCE_DIR) + "/deploy/config/examples/README.md");
  for (const Example& example : readExamples()) {
    INFO(example.name);
    CHECK(firstLine(example.text).rfind("# For: ", 0) == 0);
    CHECK(example.text.find("\n# Grants: ") != std::string::npos);
    CHECK(example.text.find("\n# Does not protect against: ") != std::string::npos);
    CHECK(list.find("](" + example.name + ".yaml)") != std::string::npos);
  }
}

TEST_CASE("each example has at least four tests, two of them denials") {
  for (const Example& example : readExamples()) {
    INFO(example.name);
    const std::vector<config::PolicyTest>& tests = example.config->tests;
    CHECK(tests.size() >= 4);
    CHECK(std::count_if(tests.begin(), tests.end(),
                        [](const config::PolicyTest& test) { return test.expect == "deny"; }) >= 2);
  }
}

TEST_CASE("an example's tests miss each rule that is taken out") {
  for (const Example& example : readExamples()) {
    checkThatItIsMissed(example, &config::Config::rules);
    checkThatItIsMissed(example, &config::Config::never);
  }
}

TEST_CASE("each example grants what it did when somebody read the list") {
  fs::create_directories(kActual);
  for (const Example& example : readExamples()) {
    const std::string name = example.name + ".grants";
    const std::string grants = grantsOf(example.config);
    testing::writeFile(kActual / name, grants);
    INFO("read " << (kActual / name).string() << "; if all of it is meant, it belongs into "
                 << kExpected.string());
    CHECK(grants == (fs::exists(kExpected / name) ? testing::readFile(kExpected / name) : ""));
  }
}

}  // namespace
}  // namespace peerpool::auth::test
