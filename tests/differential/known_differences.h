// The files that are known to be answered differently, and why.

#pragma once

#include <string_view>

namespace peerpool::differential {

/// How a dialogue goes through.
enum class Way {
  Session,      ///< Pooling mode session.
  Transaction,  ///< Pooling mode transaction, nobody else there.
  AmongOthers,  ///< The same with two servers and two other clients (class Others).
};

/// Why `file` is answered differently; nullptr when it must not be. A file that is in the table and
/// does not differ fails the test.
[[nodiscard]] const char* knownDifference(Way way, std::string_view file) noexcept;

}  // namespace peerpool::differential
