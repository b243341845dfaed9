#include "proxy/observe/audit_verify.h"

#include <algorithm>
#include <utility>

namespace peerpool::observe {
namespace {

std::string linesText(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " line" : " lines");
}

}  // namespace

std::string_view name(ChainFault fault) noexcept {
  switch (fault) {
    case ChainFault::Changed:
      return "changed";
    case ChainFault::Removed:
      return "removed";
    case ChainFault::Inserted:
      return "inserted";
    case ChainFault::CutOff:
      return "cut off";
    case ChainFault::Restarted:
      return "restarted";
  }
  return "broken";
}

void ChainVerifier::beginFile(std::string name) {
  file_ = std::move(name);
  line_number_ = 0;
}

void ChainVerifier::read(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    too_long_ = too_long_ || piece.size() > kMaxAuditLine - partial_.size();
    if (!too_long_ && (end == std::string_view::npos || !partial_.empty())) {
      partial_ += piece;
    }
    if (end == std::string_view::npos) {
      return;
    }
    bytes.remove_prefix(end + 1);
    const std::string carried = std::exchange(partial_, {});
    if (std::exchange(too_long_, false)) {
      ++line_number_;
      onUnreadable({}, true);
    } else {
      onLine(carried.empty() ? piece : std::string_view(carried), true);
    }
  }
}

void ChainVerifier::endFile() {
  const std::string carried = std::exchange(partial_, {});
  if (std::exchange(too_long_, false)) {
    ++line_number_;
    onUnreadable({}, false);
  } else if (!carried.empty()) {
    onLine(carried, false);
  }
  // Nothing that follows in another file can explain these.
  for (const Unreadable& line : std::exchange(unreadable_, {})) {
    reportAt(line.cut ? ChainFault::CutOff : ChainFault::Inserted, line.file, line.line,
             line.cut ? "the line is not whole" : "this is no line of an audit log");
  }
  more_ += std::exchange(unreadable_count_, 0);
}

void ChainVerifier::onLine(std::string_view line, bool ended) {
  ++line_number_;
  const std::optional<ChainedLine> parsed = parseChained(line);
  if (!parsed) {
    onUnreadable(line, ended);
  } else if (!parsed->sound()) {
    onUnsound(*parsed);
  } else {
    onSound(*parsed);
  }
}

void ChainVerifier::onUnreadable(std::string_view line, bool ended) {
  if (unreadable_.size() >= kMostFindings) {
    ++unreadable_count_;
    return;
  }
  const bool began = line.substr(0, 2) == "{\"" || line == "{";
  unreadable_.push_back({file_, line_number_, !ended || (began && line.back() != '}')});
}

/// It was changed, or never was one of ours. Its own hash is what the next line may follow.
void ChainVerifier::onUnsound(const ChainedLine& line) {
  const bool follows = sound_lines_ == 0 || line.previous == last_.hash;
  if (!follows && line.sequence > last_.sequence + 1) {
    report(ChainFault::Removed, line_number_,
           "missing before this one: " + linesText(line.sequence - last_.sequence - 1));
  }
  blameUnreadable(line);
  if (follows || line.sequence > last_.sequence) {
    report(ChainFault::Changed, line_number_, "its hash does not fit what it says");
    advance(line);
    doubtful_ = true;
  } else {
    report(ChainFault::Inserted, line_number_,
           "its hash does not fit what it says, nor the line before");
  }
}

void ChainVerifier::onSound(const ChainedLine& line) {
  const bool any = first_.has_value();
  if (!any) {
    first_ = ChainEnd{line.sequence - 1, std::string(line.previous)};
    seen_ = seen_ || line.previous == expected_;
  }
  if (any && (line.previous != last_.hash || line.sequence != last_.sequence + 1)) {
    explainBreak(line);
  } else {
    blameUnreadable(line);
  }
  ++sound_lines_;
  seen_ = seen_ || line.hash == expected_;
  doubtful_ = false;
  advance(line);
}

void ChainVerifier::explainBreak(const ChainedLine& line) {
  const std::uint64_t unreadable = unreadable_.size() + unreadable_count_;
  if (line.previous == chainBeginning()) {
    blameUnreadable(line);
    report(ChainFault::Restarted, line_number_,
           "a new chain begins here; what was before it, and how much, cannot be known");
  } else if (line.sequence > last_.sequence + 1 + unreadable) {
    const std::uint64_t missing = line.sequence - last_.sequence - 1 - unreadable;
    blameUnreadable(line);
    report(ChainFault::Removed, line_number_, "missing before this one: " + linesText(missing));
  } else if (unreadable > 0) {
    blameUnreadable(line);
  } else if (line.previous == before_last_) {
    reportAt(ChainFault::Inserted, last_file_, last_line_, "the next line does not know of it");
  } else if (line.sequence == last_.sequence + 1) {
    if (!doubtful_) {
      reportAt(ChainFault::Changed, last_file_, last_line_,
               "it has a hash of its own, and not the one that the next line knows");
    }
  } else {
    report(ChainFault::Inserted, line_number_,
           "sequence " + std::to_string(line.sequence) + " behind " +
               std::to_string(last_.sequence) + ": it was inserted or moved here");
  }
}

/// What the lines before `line` that could not be read have been.
void ChainVerifier::blameUnreadable(const ChainedLine& line) {
  const bool counted = first_ && line.sequence > last_.sequence + 1 && line.previous != last_.hash;
  for (const Unreadable& one : std::exchange(unreadable_, {})) {
    if (one.cut) {
      reportAt(ChainFault::CutOff, one.file, one.line, "the line is not whole");
    } else if (counted) {
      reportAt(ChainFault::Changed, one.file, one.line, "it is no line of an audit log any more");
    } else {
      reportAt(ChainFault::Inserted, one.file, one.line,
               "it has no hash, and the next line does not know of it");
    }
  }
  more_ += std::exchange(unreadable_count_, 0);
}

void ChainVerifier::advance(const ChainedLine& line) {
  before_last_ = line.previous;
  last_ = {line.sequence, std::string(line.hash)};
  last_file_ = file_;
  last_line_ = line_number_;
}

void ChainVerifier::report(ChainFault fault, std::uint64_t line, std::string text) {
  reportAt(fault, file_, line, std::move(text));
}

void ChainVerifier::reportAt(ChainFault fault, std::string file, std::uint64_t line,
                             std::string text) {
  if (findings_.size() >= kMostFindings) {
    ++more_;
    return;
  }
  findings_.push_back({fault, std::move(file), line, std::move(text)});
}

}  // namespace peerpool::observe
