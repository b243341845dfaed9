// The hash chain of the audit log: what is appended to a line so that a change of any line before
// it shows. Not a signature: who may write the file can make a new chain, which only a hash that
// was kept elsewhere tells from the old one. Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peerpool::observe {

/// Bytes of a line without its end. Far more than an event can have; a reader refuses longer ones.
inline constexpr std::size_t kMaxAuditLine = std::size_t{1} << 20;
inline constexpr std::size_t kAuditHashDigits = 64;

/// What a chain begins with: 64 zeros, the hash of no line.
[[nodiscard]] std::string chainBeginning();

/// The last line of a chain.
struct ChainEnd {
  std::uint64_t sequence = 0;           ///< event.sequence; 0: there is no line.
  std::string hash = chainBeginning();  ///< SHA-256 in small hexadecimal digits.
  friend bool operator==(const ChainEnd&, const ChainEnd&) = default;
};

/// SHA-256 over `previous` (64 digits) and `text`, in digits.
[[nodiscard]] std::string chainHash(std::string_view previous, std::string_view text);

/// `line` is an object of JSON. Puts "peerpool.chain.previous" and "peerpool.chain.hash" at its
/// end; the hash covers all in front of them. Returns the hash.
[[nodiscard]] std::string chainLine(std::string& line, std::string_view previous);

/// A line as it claims to be.
struct ChainedLine {
  std::uint64_t sequence = 0;
  std::string_view previous;  ///< All three are parts of the line.
  std::string_view hash;
  std::string_view text;

  /// Does the hash fit the text?
  [[nodiscard]] bool sound() const { return chainHash(previous, text) == hash; }
};

/// No value: it is no line of a chain. `line` has no line end and may be anything.
[[nodiscard]] std::optional<ChainedLine> parseChained(std::string_view line);

/// Does the text say 64 small hexadecimal digits and nothing else?
[[nodiscard]] bool isChainHash(std::string_view text) noexcept;

/// Where the chain of a file ends, from its last bytes. What follows the last sound line is cut off
/// or not of the chain.
struct ChainTail {
  std::optional<ChainEnd> end;  ///< None: no sound line in sight.
  std::size_t behind = 0;       ///< Bytes behind that line; all of them, without one.
};

/// `bytes` may begin in the middle of a line.
[[nodiscard]] ChainTail readChainTail(std::string_view bytes);

}  // namespace peerpool::observe
