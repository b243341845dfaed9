// SQL files to steps, and the finding of files.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "tests/differential/dialogue.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"

namespace peerpool::differential {
namespace {

using testing::rawMessage;

constexpr std::string_view kDirective = "-- @";

// The word at the front of `text`, which then begins behind the blanks after it.
std::string takeWord(std::string& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  std::string word = text.substr(0, end);
  text.erase(0, std::min(end + 1, text.size()));
  return word;
}

// Fills a dialogue line by line.
class ScriptReader {
 public:
  explicit ScriptReader(const std::string& name) { dialogue_.name = name; }

  void onLine(const std::string& line) {
    if (line.rfind(kDirective, 0) == 0) {
      finish();
      std::string rest = line.substr(kDirective.size());
      const std::string directive = takeWord(rest);
      begin(directive, std::move(rest));
    } else {
      text_ += line + '\n';
    }
  }

  [[nodiscard]] Dialogue take() {
    finish();
    return std::move(dialogue_);
  }

 private:
  enum class Part { Query, Copy, CopyFail };

  void begin(const std::string& directive, std::string rest) {
    part_ = Part::Query;
    if (directive == "copy" || directive == "copyfail") {
      if (dialogue_.steps.empty()) {
        throw std::runtime_error(dialogue_.name + ": data without a query");
      }
      part_ = directive == "copy" ? Part::Copy : Part::CopyFail;
      reason_ = rest;
      open_ = true;
    } else if (directive == "startup") {
      const std::string parameter = takeWord(rest);
      dialogue_.startup.emplace_back(parameter, rest);
    } else if (directive == "query") {
      open_ = true;
    } else {
      throw std::runtime_error(dialogue_.name + ": unknown directive " + directive);
    }
  }

  void finish() {
    if (part_ == Part::Query) {
      // What stands before the first directive is a query only if there is any.
      if (open_ || text_.find_first_not_of(" \n") != std::string::npos) {
        if (!text_.empty()) {
          text_.pop_back();
        }
        Step step{rawMessage('Q', text_ + '\0'), 'Z'};
        step.answers_copies = true;
        dialogue_.steps.push_back(std::move(step));
      }
    } else {
      // Line by line, as psql does.
      std::string data;
      std::istringstream lines(text_);
      for (std::string line; std::getline(lines, line);) {
        data += rawMessage('d', line + '\n');
      }
      data += part_ == Part::Copy ? rawMessage('c', "") : rawMessage('f', reason_ + '\0');
      dialogue_.steps.back().copies.push_back(std::move(data));
    }
    text_.clear();
    open_ = false;
  }

  Dialogue dialogue_;
  Part part_ = Part::Query;
  bool open_ = false;
  std::string text_;
  std::string reason_;
};

}  // namespace

Dialogue readScript(const std::string& name, const std::string& text) {
  ScriptReader reader(name);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    reader.onLine(line);
  }
  return reader.take();
}

std::vector<Dialogue> readAll(const std::string& folder,
                              Dialogue (*read)(const std::string&, const std::string&)) {
  namespace fs = std::filesystem;
  const fs::path root = fs::path(PEERPOOL_SOURCE_DIR) / "tests/differential" / folder;
  const char* const only = std::getenv("PEERPOOL_DIFFERENTIAL");
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = fs::relative(entry.path(), root);
    if (entry.is_regular_file() && (only == nullptr || name.find(only) != std::string::npos)) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  std::vector<Dialogue> all;
  all.reserve(names.size());
  for (const std::string& name : names) {
    all.push_back(read(name, testing::readFile(root / name)));
  }
  return all;
}

}  // namespace peerpool::differential
