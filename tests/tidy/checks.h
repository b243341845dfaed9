// The rules of the source tree (DESIGN, Layers and Budgets) as functions: sources in, complaints
// out.

#pragma once

#include <string>
#include <vector>

#include "tests/tidy/source_file.h"

namespace peerpool::tidy {

/// "proxy/pool/pool.h:12: why"; empty lists mean that all is well.
using Complaints = std::vector<std::string>;

/// An #include that the layers forbid: of a folder above or beside, of a library that another
/// folder owns, not relative to the repository's root, or of a file that does not exist in `files`.
[[nodiscard]] Complaints checkIncludes(const std::vector<SourceFile>& files);

/// Headers and sources that include each other in a circle.
[[nodiscard]] Complaints checkCycles(const std::vector<SourceFile>& files);

/// More than 400 lines in a file, 200 in a header, 70 in a function.
[[nodiscard]] Complaints checkBudgets(const SourceFile& file);

/// Words that do not belong: what clang 14 cannot read, output from layers, unfinished work,
/// macros; a header without #pragma once or without words about what it is.
[[nodiscard]] Complaints checkStyle(const SourceFile& file);

}  // namespace peerpool::tidy
