// The files that are known to be answered differently, and why.

#pragma once

#include <string_view>

namespace peerpool::differential {

/// How a dialogue goes through.
enum class Way {
  Session,      ///< Pooling mode session.
  Transaction,  ///< Pooling mode transaction, nobody else there.
  InPieces,     ///< The same, and what is sent together goes in many small pieces.
  AmongOthers,  ///< Transaction with two servers and two other clients (class Others).
};

/// Why `file` is answered differently; nullptr when it must not be. A file that is in the table and
/// does not differ fails the test (not InPieces: what arrives together there is anybody's guess).
[[nodiscard]] const char* knownDifference(Way way, std::string_view file) noexcept;

}  // namespace peerpool::differential
