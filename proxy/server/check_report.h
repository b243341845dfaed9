// What `peerpool check` found, for programs: JSON, and SARIF 2.1.0 as code scanning reads it.

#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "config/diagnostics.h"

namespace peerpool::server {

struct CheckReport {
  std::string file;  ///< The configuration file, as it was named.
  bool ok = false;   ///< It may be used.
  std::vector<config::Diagnostic> diagnostics;
  /// Of a file that may be used; else 0.
  std::size_t listeners = 0;
  std::size_t rules = 0;
  std::size_t tests = 0;

  [[nodiscard]] std::size_t count(config::Diagnostic::Severity severity) const noexcept;
};

/// One object: file, ok, counts and diagnostics, each with severity, file, line, column, path,
/// message and hint. Lines and columns count from 1; 0 stands for a file as a whole.
void writeCheckJson(const CheckReport& report, std::ostream& out);

/// One run with a result for each diagnostic. Its rules are the top-level keys of the
/// configuration; a file as a whole is its first line.
void writeCheckSarif(const CheckReport& report, std::ostream& out);

}  // namespace peerpool::server
