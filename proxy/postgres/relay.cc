#include "proxy/postgres/relay.h"

#include <algorithm>
#include <array>

#include "proxy/base/check.h"
#include "proxy/postgres/statement_words.h"
#include "proxy/postgres/wire/messages.h"

namespace peerpool::postgres {
namespace {

using wire::ReadResult;

constexpr std::size_t kHeaderLength = 5;

// Messages a client may send once it is logged in (PostgreSQL manual, "Message Formats").
bool clientMay(char type) noexcept {
  return std::string_view("QFSPBDECHdcf").find(type) != std::string_view::npos;
}

// Messages a server may send after login. CopyBothResponse belongs to replication, which is
// refused.
bool serverMay(char type) noexcept {
  return std::string_view("123ACDEGHINnSsTtVZdc").find(type) != std::string_view::npos;
}

// Server messages that are looked into, and so are read whole.
bool isInspected(char type) noexcept { return type == 'Z' || type == 'S' || type == 'C'; }

// Is `rest`, at a boundary, the front of a message that is kept until it is complete?
bool isKept(ByteView rest) noexcept {
  const std::size_t length = rest.size() < kHeaderLength ? 0 : readUint32(rest.subspan(1));
  return length >= 4 && length - 4 <= kMaxKeptLength && rest.size() < 1 + length;
}

// Of the front of an ErrorResponse. The field V is not translated (PostgreSQL 9.6 and later).
bool sessionGoesOn(ByteView body_front) noexcept {
  return asText(body_front).find(std::string_view("\0VERROR\0", 8)) != std::string_view::npos;
}

// Either there is none of that name, or a table has changed so that it can't be used any more.
bool concernsStatement(ByteView body_front) noexcept {
  const std::string_view text = asText(body_front);
  return text.find(std::string_view("\0C26000\0", 8)) != std::string_view::npos ||
         text.find(std::string_view("\0RRevalidateCachedQuery\0", 24)) != std::string_view::npos;
}

// Up to the first NUL, which must be there.
bool takeString(ByteView& body, std::string_view& text) noexcept {
  const std::string_view all = asText(body);
  const std::size_t end = all.find('\0');
  if (end == std::string_view::npos) {
    return false;
  }
  text = all.substr(0, end);
  body = body.subspan(end + 1);
  return true;
}

// Where the name of a statement begins in the front of a body, or none: the message names none.
// `complete` is false when more bytes must come to tell.
struct NameAt {
  std::size_t offset = 0;
  bool named = false;
  bool complete = true;
};

NameAt findName(char type, std::string_view body_front) noexcept {
  std::size_t offset = 0;
  if (type == 'B') {
    const std::size_t end = body_front.find('\0');
    if (end == std::string_view::npos) {
      return {0, false, false};
    }
    offset = end + 1;
  } else if (type == 'D' || type == 'C') {
    if (body_front.empty() || body_front[0] != 'S') {
      return {0, false, !body_front.empty()};
    }
    offset = 1;
  }
  const std::string_view name = body_front.substr(offset);
  if (name.empty() || name[0] == '\0') {
    return {offset, false, !name.empty()};
  }
  return {offset, true, name.find('\0') != std::string_view::npos};
}

bool mayName(char type) noexcept {
  return std::string_view("PBDC").find(type) != std::string_view::npos;
}

// Tells the tracker of a client's message that begins here; `body_front` may go on behind its end.
// True when the message makes a named statement.
bool pass(char type, ByteView body_front, SyncTracker& tracker) {
  tracker.onClientMessage(type);
  const std::string_view front = asText(body_front);
  if (type == 'P' && front.front() == '\0') {
    tracker.onUnnamedStatement(true);
  } else if (type == 'B' || (type == 'C' && front.substr(0, 2) == std::string_view("S\0", 2))) {
    tracker.onUnnamedStatement(false);
  }
  return type == 'P' && front.front() != '\0';
}

}  // namespace

ClientScanner::Scan ClientScanner::scan(ByteView input, SyncTracker& tracker, Watch watch) {
  Scan result;
  while (result.length < input.size()) {
    const ByteView rest = input.subspan(result.length);
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
      if (watch != Watch::Nothing && rest.size() >= kHeaderLength &&
          (stopsAtName(type, rest, result) ||
           (watch == Watch::NamesAndWords && stopsAtWords(type, rest, result)))) {
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
    if (read.fragment.first) {
      result.pins = pass(read.fragment.type, rest.subspan(kHeaderLength), tracker) || result.pins;
    }
    result.length += read.fragment.bytes.size();
  }
  return result;
}

/// `rest` is at a boundary and holds the message, or more of it than is kept. False: it names no
/// statement, or is no message of its type: that is for the server to say.
bool ClientScanner::stopsAtName(char type, ByteView rest, Scan& result) noexcept {
  const std::size_t length = std::size_t{1} + readUint32(rest.subspan(1));
  if (!mayName(type) || length < kHeaderLength || length > kHeaderLength + kMaxBodyLength) {
    return false;  // A bad length is found by the reader.
  }
  const bool whole = length <= rest.size();
  const ByteView body = (whole ? rest.first(length) : rest).subspan(kHeaderLength);
  const NameAt at = findName(type, asText(body));
  if (at.complete ? !at.named : whole) {
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

ServerScanner::Scan ServerScanner::scan(ByteView input, SyncTracker& tracker) {
  Scan result;
  while (result.length < input.size()) {
    const ByteView rest = input.subspan(result.length);
    if (reader_.atBoundary()) {
      const char type = static_cast<char>(rest[0]);
      const std::size_t body_length =
          rest.size() < kHeaderLength ? 0 : readUint32(rest.subspan(1)) - std::size_t{4};
      const bool whole = rest.size() >= kHeaderLength + body_length;
      if (!serverMay(type) || (isInspected(type) && body_length > kMaxInspectedLength)) {
        result.event = Event::Violation;
        return result;
      }
      const bool watched =
          ((watch_errors_ && type == 'E') || (type == 'N' && tracker.done() == statement_at_)) &&
          body_length <= kMaxInspectedLength;
      if ((isInspected(type) || watched) && (rest.size() < kHeaderLength || !whole)) {
        return result;
      }
    }
    const ReadResult read = reader_.next(rest);
    if (read.step == ReadResult::Step::NeedMore) {
      return result;
    }
    const char type = read.fragment.type;
    if (read.step == ReadResult::Step::Failed ||
        (read.fragment.first && isInspected(type) && !read.fragment.last)) {
      result.event = Event::Violation;
      return result;
    }
    result.length += read.fragment.bytes.size();
    result.error = type == 'E';
    if (read.fragment.first) {
      const ByteView body =
          read.fragment.bytes.subspan(std::min(kHeaderLength, read.fragment.bytes.size()));
      result.error = result.error && !sessionGoesOn(body);
      if (!inspect(read.fragment, body, tracker, result)) {
        result.length -= read.fragment.bytes.size();
        result.event = Event::Violation;
      } else if (result.event == Event::None &&
                 (tracker.done() > statement_at_ ||
                  (type == 'N' && read.fragment.last && tracker.done() == statement_at_))) {
        result.event = Event::Statement;
      }
      result.type = type;
      result.last_length = read.fragment.bytes.size();
    }
    if (result.event != Event::None) {
      return result;
    }
  }
  return result;
}

bool ServerScanner::inspect(const wire::Fragment& fragment, ByteView body, SyncTracker& tracker,
                            Scan& result) {
  std::string_view text;
  switch (fragment.type) {
    case 'Z':
      if (body.size() != 1 || !tracker.onReadyForQuery() ||
          std::string_view("ITE").find(static_cast<char>(body[0])) == std::string_view::npos) {
        return false;
      }
      result.status = static_cast<char>(body[0]);
      result.event = Event::ReadyForQuery;
      return true;
    case 'S': {
      const auto parameter = wire::parseParameterStatus(body);
      if (!parameter) {
        return false;
      }
      result.name = parameter->name;
      result.value = parameter->value;
      result.event = Event::Parameter;
      return true;
    }
    case 'C':
      if (!takeString(body, text) || !body.empty()) {
        return false;
      }
      result.pins = result.pins || tagPins(text);
      result.deallocates = result.deallocates || text == "DEALLOCATE ALL" || text == "DISCARD ALL";
      result.prepares = result.prepares || text == "PREPARE" || text == "DEALLOCATE" ||
                        text == "DO" || text == "CALL";
      tracker.onCommandComplete();
      return true;
    case 'G':
      tracker.onCopyIn();
      return true;
    case 'E':
      tracker.onError();
      result.mistaken = result.mistaken || concernsStatement(body);
      if (watch_errors_ && fragment.last) {
        result.report = body;
        result.event = Event::Error;
      }
      return true;
    case 'A':
    case 'N':
      return true;
    default:
      tracker.onAnswer(std::string_view("123InsT").find(fragment.type) != std::string_view::npos);
      return true;
  }
}

bool tagPins(std::string_view command_tag) noexcept {
  constexpr std::array<std::string_view, 4> kPinning = {"SET", "LISTEN", "PREPARE",
                                                        "DECLARE CURSOR"};
  return std::find(kPinning.begin(), kPinning.end(), command_tag) != kPinning.end();
}

}  // namespace peerpool::postgres
