// Starting the product, and reading its log the way an operator's tool would.

#include "tests/support/peerpool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace peerpool::testing {
namespace {

// Reads a value at `position`: up to a space, or a quoted string with backslash escapes.
std::string takeValue(const std::string& line, std::size_t& position) {
  std::string value;
  const bool quoted = position < line.size() && line[position] == '"';
  position += quoted ? 1U : 0U;
  while (position < line.size() && line[position] != (quoted ? '"' : ' ')) {
    if (quoted && line[position] == '\\' && position + 1 < line.size()) {
      ++position;
    }
    value += line[position++];
  }
  position += quoted ? 1U : 0U;
  return value;
}

}  // namespace

std::string peerpoolProgram() { return std::string(PEERPOOL_BINARY_DIR) + "/peerpool"; }

std::string LogLine::operator[](const std::string& key) const {
  const auto found = fields.find(key);
  return found == fields.end() ? "" : found->second;
}

LogLine parseLogLine(const std::string& line) {
  LogLine result;
  result.text = line;
  std::size_t position = line.find(' ');
  if (position == std::string::npos) {
    return result;
  }
  ++position;
  result.level = takeValue(line, position);
  while (position < line.size()) {
    ++position;
    const std::size_t end = line.find_first_of(" =", position);
    const std::string word = line.substr(position, end - position);
    if (end == std::string::npos || line[end] == ' ') {
      result.event += (result.event.empty() ? "" : " ") + word;
      position = end == std::string::npos ? line.size() : end;
      continue;
    }
    position = end + 1;
    result.fields[word] = takeValue(line, position);
  }
  return result;
}

Peerpool::Peerpool(const TempDir& directory, const std::string& config, const PeerpoolStart& start)
    : directory_(directory) {
  writeFile(directory / "peerpool.yaml", config);
  ::mkdir((directory / "run").c_str(), 0755);
  if (start.run_as) {
    if (::chown((directory / "run").c_str(), start.run_as->uid, start.run_as->gid) != 0) {
      throw std::system_error(errno, std::generic_category(), "chown");
    }
  }
  Command command{start.through, start.run_as, start.environment};
  for (const std::string& argument :
       {peerpoolProgram(), std::string("serve"), std::string("--config"),
        directory / "peerpool.yaml", std::string("--runtime-dir"), directory / "run"}) {
    command.arguments.push_back(argument);
  }
  process_ = std::make_unique<Process>(command);
  const bool decided = eventually([&] { return !process_->running() || !events("ready").empty(); });
  if (!decided || !process_->running()) {
    throw std::runtime_error("peerpool did not get ready: " + log() + "\n--- with\n" + config);
  }
}

Peerpool::~Peerpool() = default;

std::vector<LogLine> Peerpool::events(std::string_view event) const {
  std::vector<LogLine> result;
  std::istringstream lines(log());
  for (std::string line; std::getline(lines, line);) {
    LogLine parsed = parseLogLine(line);
    if (parsed.event == event) {
      result.push_back(std::move(parsed));
    }
  }
  return result;
}

std::vector<LogLine> Peerpool::waitForEvents(std::string_view event, std::size_t count) const {
  static_cast<void>(eventually([&] { return events(event).size() >= count; }));
  return events(event);
}

Finished Peerpool::stop() { return process_->terminate(); }

void Peerpool::replaceConfig(const std::string& config) const {
  writeFile(directory_ / "peerpool.yaml.new", config);
  if (::rename((directory_ / "peerpool.yaml.new").c_str(),
               (directory_ / "peerpool.yaml").c_str()) != 0) {
    throw std::runtime_error("cannot replace peerpool.yaml");
  }
}

Finished Peerpool::reload() const {
  return runPeerpool(
      {"reload", "--config", directory_ / "peerpool.yaml", "--runtime-dir", directory_ / "run"});
}

Finished Peerpool::status(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all{"status", "--config", directory_ / "peerpool.yaml", "--runtime-dir",
                               directory_ / "run"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return runPeerpool(all);
}

Finished Peerpool::explain(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all{"explain", "--config", directory_ / "peerpool.yaml"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return runPeerpool(all);
}

Finished runPeerpool(const std::vector<std::string>& arguments,
                     const std::optional<Credentials>& run_as) {
  Command command{{peerpoolProgram()}, run_as};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return run(command);
}

}  // namespace peerpool::testing
