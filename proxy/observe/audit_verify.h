// Reads audit logs back and says whether the chain of their lines is whole, and where it is not.
// Bytes in, findings out; opens nothing.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/observe/audit_chain.h"

namespace peerpool::observe {

enum class ChainFault : std::uint8_t { Changed, Removed, Inserted, CutOff, Restarted };

[[nodiscard]] std::string_view name(ChainFault fault) noexcept;

struct ChainFinding {
  ChainFault fault = ChainFault::Changed;
  std::string file;
  std::uint64_t line = 0;  ///< From 1; of what was removed, the first line behind it.
  std::string text;        ///< One sentence.
};

/// Give it the files in the order in which they were written, the oldest first; each in pieces of
/// any size. Which of several explanations of a broken chain is true nobody can know: it says the
/// simplest. Findings beyond kMostFindings are counted only.
class ChainVerifier {
 public:
  static constexpr std::size_t kMostFindings = 100;

  /// `expected`: 64 digits that somebody wrote down; empty: nothing is looked for.
  explicit ChainVerifier(std::string expected = {}) : expected_(std::move(expected)) {}

  void beginFile(std::string name);
  void read(std::string_view bytes);
  void endFile();

  /// In the order of the lines. More of them than that were found.
  [[nodiscard]] const std::vector<ChainFinding>& findings() const noexcept { return findings_; }
  [[nodiscard]] std::size_t more() const noexcept { return more_; }

  /// Of a chain, and sound.
  [[nodiscard]] std::uint64_t lines() const noexcept { return sound_lines_; }
  /// What the first line says it follows; none without lines. Zeros: it is the first of all.
  [[nodiscard]] const std::optional<ChainEnd>& first() const noexcept { return first_; }
  [[nodiscard]] const ChainEnd& last() const noexcept { return last_; }
  /// Was the expected hash among the lines, or what the first line follows? True if none was given.
  [[nodiscard]] bool expectedFound() const noexcept { return expected_.empty() || seen_; }

  /// All of it: at least one line, no findings, the expected hash was there.
  [[nodiscard]] bool whole() const noexcept {
    return sound_lines_ > 0 && findings_.empty() && expectedFound();
  }

 private:
  void onLine(std::string_view line, bool ended);
  void onUnreadable(std::string_view line, bool ended);
  void onUnsound(const ChainedLine& line);
  void onSound(const ChainedLine& line);
  /// `line` is sound but does not follow the last one.
  void explainBreak(const ChainedLine& line);
  void blameUnreadable(const ChainedLine& line);
  void advance(const ChainedLine& line);
  void report(ChainFault fault, std::uint64_t line, std::string text);
  void reportAt(ChainFault fault, std::string file, std::uint64_t line, std::string text);

  /// A line that says nothing that could be followed; what it was shows when the next one is read.
  struct Unreadable {
    std::string file;
    std::uint64_t line = 0;
    bool cut = false;
  };

  std::string expected_;
  bool seen_ = false;
  std::string file_;
  std::uint64_t line_number_ = 0;
  std::string partial_;    // The beginning of a line, at most kMaxAuditLine.
  bool too_long_ = false;  // Its rest is skipped.
  std::vector<ChainFinding> findings_;
  std::size_t more_ = 0;
  std::uint64_t sound_lines_ = 0;
  std::optional<ChainEnd> first_;
  ChainEnd last_;
  std::string before_last_;  // What the last line follows.
  std::string last_file_;
  std::uint64_t last_line_ = 0;
  bool doubtful_ = false;  // last_ is of a line that is not sound, and was reported.
  std::vector<Unreadable> unreadable_;
  std::uint64_t unreadable_count_ = 0;
};

}  // namespace peerpool::observe
