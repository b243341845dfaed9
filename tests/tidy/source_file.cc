// A small lexer: enough of C++ to know what is code, what is comment and what is literal.

#include "tests/tidy/source_file.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>

#include "tests/support/temp_dir.h"

namespace peerpool::tidy {
namespace {

bool startsWith(std::string_view text, std::size_t at, std::string_view prefix) {
  return text.substr(at, prefix.size()) == prefix;
}

// The offset behind the literal or comment that starts at `at`; `at` itself when none does.
std::size_t endOfOpaque(std::string_view text, std::size_t at) {
  const auto endAfter = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string_view::npos ? text.size() : found + mark.size();
  };
  if (startsWith(text, at, "//")) {
    return std::min(text.find('\n', at), text.size());
  }
  if (startsWith(text, at, "/*")) {
    return endAfter("*/", at + 2);
  }
  if (startsWith(text, at, "R\"")) {
    const std::size_t open = text.find('(', at);
    if (open == std::string_view::npos) {
      return text.size();
    }
    const std::string close = ")" + std::string(text.substr(at + 2, open - at - 2)) + "\"";
    return endAfter(close, open);
  }
  const bool separator =
      text[at] == '\'' && at > 0 && std::isxdigit(static_cast<unsigned char>(text[at - 1])) != 0;
  if ((text[at] != '"' && text[at] != '\'') || separator) {
    return at;
  }
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[at] || text[i] == '\n') {
      return i + 1;
    }
  }
  return text.size();
}

std::string blankOpaque(const std::string& text) {
  std::string code = text;
  std::size_t at = 0;
  while (at < code.size()) {
    const std::size_t end = endOfOpaque(text, at);
    const auto from = code.begin() + static_cast<std::ptrdiff_t>(at);
    const auto to = code.begin() + static_cast<std::ptrdiff_t>(end);
    std::replace_if(
        from, to, [](char c) { return c != '\n'; }, ' ');
    at = std::max(end, at + 1);
  }
  return code;
}

std::vector<Include> findIncludes(const SourceFile& file) {
  static const std::regex pattern(R"(#include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> result;
  const auto end = std::sregex_iterator();
  for (auto found = std::sregex_iterator(file.text.begin(), file.text.end(), pattern); found != end;
       ++found) {
    const auto offset = static_cast<std::size_t>(found->position());
    if (file.code[offset] == '#') {  // Not inside a comment or a literal.
      result.push_back({(*found)[2], (*found)[1] == "\"", file.lineAt(offset)});
    }
  }
  return result;
}

}  // namespace

std::size_t SourceFile::lineAt(std::size_t offset) const {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(offset);
  return static_cast<std::size_t>(std::count(text.begin(), end, '\n')) + 1;
}

std::size_t SourceFile::lineCount() const {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

SourceFile parseSource(std::string path, std::string text) {
  SourceFile file;
  file.path = std::move(path);
  file.text = std::move(text);
  file.code = blankOpaque(file.text);
  file.includes = findIncludes(file);
  return file;
}

std::vector<SourceFile> readSources(const std::string& root,
                                    const std::vector<std::string>& folders) {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
      const std::string extension = entry.path().extension();
      if (entry.is_regular_file() && (extension == ".h" || extension == ".cc")) {
        files.push_back(
            parseSource(fs::relative(entry.path(), root), testing::readFile(entry.path())));
      }
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace peerpool::tidy
