#include "proxy/postgres/server_scanner.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proxy/postgres/wire/messages.h"

namespace peerpool::postgres {
namespace {

using wire::ReadResult;

constexpr std::size_t kHeaderLength = 5;

// Messages a server may send after login. CopyBothResponse belongs to replication, which is
// refused.
bool serverMay(char type) noexcept {
  return std::string_view("123ACDEGHINnSsTtVZdc").find(type) != std::string_view::npos;
}

// Server messages that are looked into, and so are read whole.
bool isInspected(char type) noexcept { return type == 'Z' || type == 'S' || type == 'C'; }

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

}  // namespace

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
      const bool watched = (type == 'E' || (type == 'N' && tracker.done() == statement_at_)) &&
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
    if (read.fragment.first) {
      const ByteView body =
          read.fragment.bytes.subspan(std::min(kHeaderLength, read.fragment.bytes.size()));
      says_end_ = type == 'E' && !sessionGoesOn(body);
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
    result.error = says_end_;
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
      if (const auto state = stateOf(text)) {
        ++result.state_tags;
        result.state = *state;
      }
      result.set_tags += text == "SET" || text == "RESET" ? 1U : 0U;
      result.discards = result.discards || text == "DISCARD ALL";
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
      result.failed = true;
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

std::optional<StateKind> stateOf(std::string_view command_tag) noexcept {
  using Tag = std::pair<std::string_view, StateKind>;
  constexpr std::array<Tag, 4> kTags = {{{"SET", StateKind::Parameter},
                                         {"LISTEN", StateKind::Listen},
                                         {"PREPARE", StateKind::Statement},
                                         {"DECLARE CURSOR", StateKind::Cursor}}};
  const auto* const found = std::find_if(kTags.begin(), kTags.end(), [command_tag](const Tag& tag) {
    return tag.first == command_tag;
  });
  return found == kTags.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace peerpool::postgres
