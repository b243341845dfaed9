// The mistakes in a configuration, all of them at once.

#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "config/model.h"

namespace peerpool::config {

/// One mistake. `path` is the key's, as "listeners.pg.mode" or "rules[2].databases[0]".
struct Diagnostic {
  enum class Severity { Error, Warning };
  Severity severity = Severity::Error;
  Location where;
  std::string path;
  std::string message;  ///< What is wrong and what was expected.
  std::string hint;     ///< How to mend it; may be empty.
};

/// "FILE:LINE:COLUMN: error: PATH: MESSAGE" and, on a line of its own, "  hint: HINT".
[[nodiscard]] std::string describe(const Diagnostic& diagnostic);

/// Collects while reading goes on, so that one run shows everything.
class Diagnostics {
 public:
  void error(Location where, std::string path, std::string message, std::string hint = "");
  void warning(Location where, std::string path, std::string message, std::string hint = "");
  [[nodiscard]] bool hasErrors() const noexcept;
  /// Is there an error in `file` at `path` or below it? What could not be read is not judged twice.
  [[nodiscard]] bool hasErrorsWithin(const std::string& file,
                                     const std::string& path) const noexcept;
  /// In byte order of file names, then of lines and columns.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> all_;
};

/// A configuration that cannot be used. Never empty; what() is all of them as text.
class InvalidConfig : public std::runtime_error {
 public:
  explicit InvalidConfig(std::vector<Diagnostic> diagnostics);
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const noexcept { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace peerpool::config
