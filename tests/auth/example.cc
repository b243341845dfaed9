#include "tests/auth/example.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "auth/policy.h"
#include "auth/policy_check.h"
#include "config/load.h"
#include "tests/auth/check_fixture.h"
#include "tests/support/temp_dir.h"

namespace peerpool::auth::test {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = PEERPOOL_SOURCE_DIR;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

/// The lines of a file of accounts, by their fields.
std::vector<std::vector<std::string>> readTable(const std::string& name, std::size_t fields) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line :
       split(testing::readFile(kSource / "tests/transcripts/examples" / name), '\n')) {
    rows.push_back(split(line, ':'));
    if (rows.back().size() < fields) {
      throw std::runtime_error(name + ": " + line);
    }
  }
  return rows;
}

unsigned number(const std::string& text) { return static_cast<unsigned>(std::stoul(text)); }

std::vector<std::string> textsOf(const config::Diagnostics& diagnostics) {
  std::vector<std::string> texts;
  for (const config::Diagnostic& one : diagnostics.sorted()) {
    texts.push_back(std::to_string(one.where.line) + ": " + one.path + ": " + one.message);
  }
  return texts;
}

Example readExample(const fs::path& file) {
  Example example;
  example.name = file.stem();
  example.text = testing::readFile(file);
  config::Diagnostics problems;
  example.config = std::make_shared<const config::Config>(
      config::loadText(example.text, file.filename(), problems));
  example.mistakes = textsOf(problems);
  return example;
}

}  // namespace

ExampleAccounts::ExampleAccounts() {
  for (const std::vector<std::string>& row : readTable("accounts.passwd", 4)) {
    users_[row[0]] = {row[0], number(row[2]), number(row[3])};
  }
  for (const std::vector<std::string>& row : readTable("accounts.group", 3)) {
    groups_[row[0]] = number(row[2]);
    if (row.size() > 3) {
      members_[row[0]] = split(row[3], ',');
    }
  }
}

Result<std::optional<Account>> ExampleAccounts::userByName(const std::string& name) {
  const auto found = users_.find(name);
  return found == users_.end() ? std::optional<Account>() : std::optional<Account>(found->second);
}

Result<std::optional<Account>> ExampleAccounts::userByUid(uid_t uid) {
  const auto found = std::find_if(users_.begin(), users_.end(),
                                  [uid](const auto& entry) { return entry.second.uid == uid; });
  return found == users_.end() ? std::optional<Account>() : std::optional<Account>(found->second);
}

Result<std::optional<gid_t>> ExampleAccounts::groupByName(const std::string& name) {
  const auto found = groups_.find(name);
  return found == groups_.end() ? std::optional<gid_t>() : std::optional<gid_t>(found->second);
}

Result<std::vector<gid_t>> ExampleAccounts::groupsOf(const Account& account) {
  std::vector<gid_t> all{account.gid};
  for (const auto& [group, members] : members_) {
    if (std::find(members.begin(), members.end(), account.name) != members.end()) {
      all.push_back(groups_.at(group));
    }
  }
  return all;
}

std::vector<Example> readExamples() {
  std::vector<Example> examples;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(kSource / "deploy/config/examples")) {
    if (entry.path().extension() == ".yaml") {
      examples.push_back(readExample(entry.path()));
    }
  }
  std::sort(examples.begin(), examples.end(),
            [](const Example& one, const Example& other) { return one.name < other.name; });
  return examples;
}

std::vector<std::string> mistakesOf(std::shared_ptr<const config::Config> config) {
  ExampleAccounts accounts;
  const Account service = accounts.users().at("peerpool");
  Identity self = peer(service.uid, service.name);
  if (Result<std::vector<gid_t>> groups = accounts.groupsOf(service)) {
    self.groups = *std::move(groups);
  }
  config::Diagnostics problems;
  try {
    const Policy policy(std::move(config), accounts);
    checkPolicy(policy, accounts, FakeFiles(), self, problems);
  } catch (const config::InvalidConfig& invalid) {
    for (const config::Diagnostic& one : invalid.diagnostics()) {
      problems.error(one.where, one.path, one.message, one.hint);
    }
  }
  return textsOf(problems);
}

}  // namespace peerpool::auth::test
