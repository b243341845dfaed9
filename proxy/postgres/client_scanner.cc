#include "proxy/postgres/client_scanner.h"

#include <algorithm>
#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/statement_words.h"

namespace peerpool::postgres {
namespace {

using wire::ReadResult;

constexpr std::size_t kHeaderLength = 5;

// Messages a client may send once it is logged in (PostgreSQL manual, "Message Formats").
bool clientMay(char type) noexcept {
  return std::string_view("QFSPBDECHdcf").find(type) != std::string_view::npos;
}

// Is `rest`, at a boundary, the front of a message that is kept until it is complete?
bool isKept(ByteView rest) noexcept {
  const std::size_t length = rest.size() < kHeaderLength ? 0 : readUint32(rest.subspan(1));
  return length >= 4 && length - 4 <= kMaxKeptLength && rest.size() < 1 + length;
}

// Where the name of a statement begins in the front of a body, or none: the message names none.
// `complete` is false when more bytes must come to tell.
struct NameAt {
  std::size_t offset = 0;
  bool named = false;
  bool complete = true;
  bool unnamed = false;  // It means the unnamed statement that is there.
};

NameAt findName(char type, std::string_view body_front) noexcept {
  std::size_t offset = 0;
  if (type == 'B') {
    const std::size_t end = body_front.find('\0');
    if (end == std::string_view::npos) {
      return {0, false, false, false};
    }
    offset = end + 1;
  } else if (type == 'D' || type == 'C') {
    if (body_front.empty() || body_front[0] != 'S') {
      return {0, false, !body_front.empty(), false};
    }
    offset = 1;
  }
  const std::string_view name = body_front.substr(offset);
  if (name.empty() || name[0] == '\0') {
    return {offset, false, !name.empty(), type != 'P' && !name.empty()};
  }
  return {offset, true, name.find('\0') != std::string_view::npos, false};
}

bool mayName(char type) noexcept {
  return std::string_view("PBDC").find(type) != std::string_view::npos;
}

// The body of the message in front of `rest`, as far as it is there.
std::string_view bodyIn(ByteView rest) noexcept {
  const std::size_t length = std::size_t{1} + readUint32(rest.subspan(1));
  return asText(rest.first(std::min(length, rest.size())).subspan(kHeaderLength));
}

// Tells the tracker of a client's message in front of `rest`, which may be there in part.
void pass(char type, ByteView rest, SyncTracker& tracker) {
  tracker.onClientMessage(type);
  const std::string_view body = bodyIn(rest);
  const NameAt at = mayName(type) ? findName(type, body) : NameAt();
  if (type == 'P' && body.substr(0, 1) == std::string_view("\0", 1)) {
    tracker.onUnnamedParse();
  } else if (type == 'C' && at.unnamed) {
    tracker.onUnnamedClose();
  } else if (type == 'B' && at.unnamed) {
    tracker.onUnnamedBind();
  }
}

// The message begins in front of `rest`, which holds it all unless it is longer than is kept.
SessionEffect effectOfMessage(char type, ByteView rest) {
  SessionEffect effect;
  if (type != 'Q' && type != 'P') {
    if (type == 'F') {
      effect.onUnknown();
    }
    return effect;
  }
  const std::size_t length = std::size_t{1} + readUint32(rest.subspan(1));
  if (length > rest.size() || length < kHeaderLength) {
    effect.onUnknown();
    return effect;
  }
  std::string_view body = bodyIn(rest);
  if (type == 'P') {
    const std::size_t name = std::min(body.find('\0'), body.size());
    if (name > 0) {
      effect.onState(StateKind::Statement);
    }
    body.remove_prefix(std::min(name + 1, body.size()));
  }
  effect.add(effectOf(body.substr(0, body.find('\0'))));
  return effect;
}

}  // namespace

ClientScanner::Scan ClientScanner::scan(ByteView input, SyncTracker& tracker, const Watch& watch) {
  Scan result;
  while (result.length < input.size()) {
    const ByteView rest = input.subspan(result.length);
    SessionEffect effect;
    if (reader_.atBoundary()) {
      const char type = static_cast<char>(rest[0]);
      if (tracker.full()) {
        result.stop = Stop::Full;
        return result;
      }
      if (type == 'X') {
        result.stop = Stop::Terminate;
        return result;
      }
      if (!clientMay(type)) {
        result.stop = Stop::Violation;
        return result;
      }
      if (type == 'P' && rest.size() < kHeaderLength + 1) {
        return result;  // One byte more tells whether the statement has a name.
      }
      if (isKept(rest)) {
        return result;
      }
      if (rest.size() >= kHeaderLength &&
          ((watch.names && stopsAtName(type, rest, tracker, result)) ||
           (watch.words && stopsAtWords(type, rest, result)))) {
        return result;
      }
      if (watch.effects && rest.size() >= kHeaderLength) {
        effect = effectOfMessage(type, rest);
        if (watch.sequences && effect.readsSequences() && tracker.idle()) {
          result.stop = Stop::Sequences;
          return result;
        }
      }
    }
    const ReadResult read = reader_.next(rest);
    if (read.step == ReadResult::Step::NeedMore) {
      return result;
    }
    if (read.step == ReadResult::Step::Failed) {
      result.stop = Stop::Violation;
      return result;
    }
    if (read.fragment.first) {
      if (!tracker.idle()) {
        effect.dropSettings();
      }
      result.effect.add(effect);
      pass(read.fragment.type, rest, tracker);
      if (read.fragment.type == 'P' && tracker.awaitsBind()) {
        result.parses = true;
        result.unnamed =
            read.fragment.last ? read.fragment.bytes.subspan(kHeaderLength + 1) : ByteView();
      }
    }
    result.length += read.fragment.bytes.size();
  }
  return result;
}

/// `rest` is at a boundary and holds the message, or more of it than is kept. False: it names no
/// statement, or is no message of its type: that is for the server to say.
bool ClientScanner::stopsAtName(char type, ByteView rest, const SyncTracker& tracker,
                                Scan& result) noexcept {
  const std::size_t length = std::size_t{1} + readUint32(rest.subspan(1));
  if (!mayName(type) || length < kHeaderLength || length > kHeaderLength + kMaxBodyLength) {
    return false;  // A bad length is found by the reader.
  }
  const bool whole = length <= rest.size();
  const ByteView body = (whole ? rest.first(length) : rest).subspan(kHeaderLength);
  const NameAt at = findName(type, asText(body));
  const bool leftover = at.unnamed && type != 'C' && !tracker.ownsUnnamed();
  if (at.complete ? !at.named && !leftover : whole) {
    return false;
  }
  if (at.complete) {
    result.stop = Stop::Named;
  } else if (body.size() >= kMaxKeptLength) {
    result.stop = Stop::Violation;  // A name longer than anything that is kept.
  }
  return true;
}

bool ClientScanner::stopsAtWords(char type, ByteView rest, Scan& result) {
  const std::size_t length = std::size_t{1} + readUint32(rest.subspan(1));
  if (type != 'Q' || length < kHeaderLength || rest.size() < length) {
    return false;
  }
  const std::string_view body = asText(rest.first(length).subspan(kHeaderLength));
  if (!findStatementWords(body.substr(0, body.find('\0')))) {
    return false;
  }
  result.stop = Stop::Named;
  return true;
}

ClientScanner::Named ClientScanner::peekNamed(ByteView input) const {
  wire::MessageReader reader = reader_;
  const ReadResult read = reader.next(input);
  check(read.step == ReadResult::Step::GotFragment && read.fragment.first,
        "scan() saw the front of a message");
  const ByteView body = read.fragment.bytes.subspan(kHeaderLength);
  Named named{read.fragment.type,        {}, {}, body, read.fragment.body_length,
              read.fragment.bytes.size()};
  if (named.type == 'Q') {
    return named;
  }
  const NameAt at = findName(named.type, asText(body));
  const std::string_view text = asText(body).substr(at.offset);
  named.name = text.substr(0, text.find('\0'));
  named.rest = body.subspan(at.offset + named.name.size() + 1);
  if (named.type == 'B') {
    named.portal = asText(body).substr(0, at.offset - 1);
  }
  return named;
}

ClientScanner::Scan ClientScanner::skipIdle(ByteView input) {
  Scan result;
  while (result.length < input.size()) {
    const ByteView rest = input.subspan(result.length);
    if (reader_.atBoundary()) {
      const char type = static_cast<char>(rest[0]);
      if (std::string_view("dcfH").find(type) == std::string_view::npos) {
        if (type == 'X' || !clientMay(type)) {
          result.stop = type == 'X' ? Stop::Terminate : Stop::Violation;
        } else if (rest.size() >= kHeaderLength && !isKept(rest)) {
          result.stop = Stop::Request;
        }
        return result;
      }
    }
    const ReadResult read = reader_.next(rest);
    if (read.step == ReadResult::Step::NeedMore) {
      return result;
    }
    if (read.step == ReadResult::Step::Failed) {
      result.stop = Stop::Violation;
      return result;
    }
    result.length += read.fragment.bytes.size();
  }
  return result;
}

ClientScanner::Skipped ClientScanner::skipRequest(ByteView input) {
  using Event = Skipped::Event;
  Skipped result;
  while (result.length < input.size()) {
    const ByteView rest = input.subspan(result.length);
    if (reader_.atBoundary()) {
      const char type = static_cast<char>(rest[0]);
      if (type == 'X' || !clientMay(type)) {
        result.event = type == 'X' ? Event::Terminate : Event::Violation;
        return result;
      }
      if (rest.size() >= kHeaderLength && skipping_ == 0 &&
          std::string_view("SdcfH").find(type) == std::string_view::npos) {
        skipping_ = type;
        result.event = Event::Begun;
        return result;
      }
    }
    const ReadResult read = reader_.next(rest);
    if (read.step == ReadResult::Step::NeedMore) {
      return result;
    }
    if (read.step == ReadResult::Step::Failed) {
      result.event = Event::Violation;
      return result;
    }
    result.length += read.fragment.bytes.size();
    const bool simple = skipping_ == 'Q' || skipping_ == 'F';
    if (read.fragment.last && (simple || read.fragment.type == 'S')) {
      skipping_ = 0;
      result.event = Event::Ended;
      return result;
    }
  }
  return result;
}

}  // namespace peerpool::postgres
