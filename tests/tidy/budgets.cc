// Length limits. Functions are found by their braces, which is right for code that clang-format
// laid out.

#include <array>
#include <regex>

#include "tests/tidy/checks.h"

namespace peerpool::tidy {
namespace {

constexpr std::size_t kMaxFile = 400;
constexpr std::size_t kMaxHeader = 200;
constexpr std::size_t kMaxFunction = 70;

// Does `head`, the code between the last statement and an opening brace, begin a function?
bool beginsFunction(const std::string& head) {
  static const std::regex scope(
      R"(^\s*(public:|private:|protected:|template\s*<[^{]*>|inline|static|typedef|\s)*(namespace|class|struct|enum|union|extern)\b)");
  return head.find('(') != std::string::npos && !std::regex_search(head, scope);
}

struct Brace {
  bool function = false;
  std::size_t head_line = 0;
};

}  // namespace

Complaints checkBudgets(const SourceFile& file) {
  Complaints complaints;
  const std::size_t limit = file.header() ? kMaxHeader : kMaxFile;
  if (file.lineCount() > limit) {
    complaints.push_back(file.path + ": " + std::to_string(file.lineCount()) +
                         " lines, allowed are " + std::to_string(limit));
  }
  std::vector<Brace> open;
  std::size_t functions_open = 0;
  std::size_t head_start = 0;
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    const char c = file.code[i];
    if (c == '{') {
      Brace brace;
      brace.function =
          functions_open == 0 && beginsFunction(file.code.substr(head_start, i - head_start));
      brace.head_line = file.lineAt(file.code.find_first_not_of(" \n", head_start));
      functions_open += brace.function ? 1U : 0U;
      open.push_back(brace);
    } else if (c == '}' && !open.empty()) {
      const Brace brace = open.back();
      open.pop_back();
      functions_open -= brace.function ? 1U : 0U;
      const std::size_t length = file.lineAt(i) - brace.head_line + 1;
      if (brace.function && length > kMaxFunction) {
        complaints.push_back(file.path + ':' + std::to_string(brace.head_line) +
                             ": a function of " + std::to_string(length) + " lines, allowed are " +
                             std::to_string(kMaxFunction));
      }
    }
    // A preprocessor line ends with its line, all else with one of these.
    const std::size_t first = file.code.find_first_not_of(" \n", head_start);
    const bool directive_end = c == '\n' && first < i && file.code[first] == '#';
    if (c == '{' || c == '}' || c == ';' || directive_end) {
      head_start = i + 1;
    }
  }
  return complaints;
}

}  // namespace peerpool::tidy
