// A source file as the tidy checks see it: its text, and the same text with comments and literals
// blanked out. No compiler, no preprocessor.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace peerpool::tidy {

struct Include {
  std::string name;     ///< "proxy/base/bytes.h" or "vector".
  bool quoted = false;  ///< "..." rather than <...>.
  std::size_t line = 0;
};

struct SourceFile {
  std::string path;  ///< Relative to the repository: "proxy/base/bytes.h".
  std::string text;
  std::string code;  ///< As `text`, but comments and the inside of literals are spaces.
  std::vector<Include> includes;

  [[nodiscard]] bool header() const {
    return path.size() > 2 && path.substr(path.size() - 2) == ".h";
  }
  /// "proxy/base" of "proxy/base/bytes.h".
  [[nodiscard]] std::string folder() const { return path.substr(0, path.rfind('/')); }
  /// Counts from 1.
  [[nodiscard]] std::size_t lineAt(std::size_t offset) const;
  [[nodiscard]] std::size_t lineCount() const;
};

/// Takes `text` apart.
[[nodiscard]] SourceFile parseSource(std::string path, std::string text);

/// All .h and .cc files below the `folders` of `root`, sorted by path. Throws when one is
/// unreadable.
[[nodiscard]] std::vector<SourceFile> readSources(const std::string& root,
                                                  const std::vector<std::string>& folders);

}  // namespace peerpool::tidy
