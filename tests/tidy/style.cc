// Words and marks that a file must or must not have.

#include <algorithm>
#include <regex>

#include "tests/tidy/checks.h"

namespace peerpool::tidy {
namespace {

enum class Where { Everywhere, Layers };

struct ForbiddenWord {
  const char* pattern;
  Where where;
  bool in_comments;
  const char* why;
  /// One of these is a part of each match: where none is, the slow search is spared.
  std::vector<std::string> parts;
};

// The words are written in pieces, so that this file is no finding of its own.
const std::vector<ForbiddenWord>& forbiddenWords() {
  static const std::vector<ForbiddenWord> words{
      {R"(\bstd::(ranges::)?views\b)",
       Where::Everywhere,
       false,
       "range views: clang 14 cannot",
       {"views"}},
      {R"(\bstd::v?format\b)",
       Where::Everywhere,
       false,
       "std::format: g++ 12 has none",
       {"format"}},
      {R"(\bstd::expected\b)",
       Where::Everywhere,
       false,
       "std::expected is not in C++20",
       {"expected"}},
      {R"(\bco_(await|yield|return)\b)", Where::Everywhere, false, "coroutines", {"co_"}},
      {R"(\bstd::c(out|err|log)\b)",
       Where::Layers,
       false,
       "output belongs to main and the log",
       {"std::c"}},
      {R"(^[ \t]*#[ \t]*define\b)", Where::Everywhere, false, "no macros of our own", {"define"}},
      {"\\b(TO"
       "DO|FIX"
       "ME|XX"
       "X)\\b",
       Where::Everywhere,
       true,
       "unfinished work",
       {"TO"
        "DO",
        "FIX"
        "ME",
        "XX"
        "X"}},
      {R"(\bstd::regex\b)",
       Where::Layers,
       false,
       "std::regex overflows the stack on long input",
       {"regex"}},
      {R"(\b(gets|strcpy|strcat|sprintf|alloca)\s*\()",
       Where::Everywhere,
       false,
       "unbounded",
       {"gets", "strcpy", "strcat", "sprintf", "alloca"}},
  };
  return words;
}

// Where nothing may be written but through the log: proxy/observe is the log, proxy/server the
// command line, proxy/attest another program.
bool inLayers(const SourceFile& file) {
  return file.path.rfind("tests/", 0) != 0 && file.folder() != "proxy/server" &&
         file.folder() != "proxy/observe" && file.folder() != "proxy/attest";
}

Complaints checkWords(const SourceFile& file) {
  Complaints complaints;
  for (const ForbiddenWord& word : forbiddenWords()) {
    if (word.where == Where::Layers && !inLayers(file)) {
      continue;
    }
    const std::string& text = word.in_comments ? file.text : file.code;
    const bool possible =
        std::any_of(word.parts.begin(), word.parts.end(),
                    [&](const std::string& part) { return text.find(part) != std::string::npos; });
    if (!possible) {
      continue;
    }
    const std::regex pattern(word.pattern, std::regex::ECMAScript | std::regex::multiline);
    std::smatch match;
    if (std::regex_search(text, match, pattern)) {
      const auto offset = static_cast<std::size_t>(match.position());
      complaints.push_back(file.path + ':' + std::to_string(file.lineAt(offset)) + ": " + word.why);
    }
  }
  return complaints;
}

}  // namespace

Complaints checkStyle(const SourceFile& file) {
  Complaints complaints = checkWords(file);
  if (!file.header()) {
    return complaints;
  }
  if (file.code.find("#pragma once") == std::string::npos) {
    complaints.push_back(file.path + ": no #pragma once");
  }
  if (file.text.rfind("// ", 0) != 0) {
    complaints.push_back(file.path + ":1: starts without saying what it is");
  }
  return complaints;
}

}  // namespace peerpool::tidy
