// Scans what flows between a client and the server it is linked to: how much may be passed on as it
// is, and what it means for the link. Pure: passing on is the session's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "proxy/base/bytes.h"
#include "proxy/postgres/sync_tracker.h"
#include "proxy/postgres/wire/message_reader.h"

namespace peerpool::postgres {

/// Largest body of a message, in bytes: PostgreSQL's own limit (MaxAllocSize).
inline constexpr std::uint32_t kMaxBodyLength = 0x3fffffff;

/// Largest body of a client's message that is kept until it is complete: a client that dies in the
/// middle of a message leaves a server that can be used again only if nothing of it was passed on.
inline constexpr std::size_t kMaxKeptLength = std::size_t{16} * 1024;

/// Largest server message that is kept until it is complete because it is looked into.
inline constexpr std::size_t kMaxInspectedLength = std::size_t{16} * 1024;

/// Reads the client's messages.
class ClientScanner {
 public:
  enum class Stop : std::uint8_t {
    None,       ///< All was scanned, but for an incomplete header or small message.
    Terminate,  ///< A Terminate follows: the client leaves.
    Violation,  ///< What follows is no message that a client may send now.
    Full,       ///< Too many requests are unanswered: scan the rest later.
    Named,      ///< A message follows that names a statement, or is a Query: peekNamed().
    Request,    ///< Only from skipIdle(): something follows that needs a server.
  };
  struct Scan {
    std::size_t length = 0;  ///< Bytes at the front that may be passed on (or were skipped).
    Stop stop = Stop::None;
    bool pins = false;  ///< A named statement is among them: only this server knows it.
  };

  /// What scan() stops at.
  enum class Watch : std::uint8_t {
    Nothing,        ///< Named statements go to the server as they are.
    Names,          ///< Each message that names a statement.
    NamesAndWords,  ///< And each Query that does.
  };

  /// For a linked client: what of `input` goes to the server. Tells `tracker` about it.
  [[nodiscard]] Scan scan(ByteView input, SyncTracker& tracker, Watch watch);

  /// The message at the front of the input for which scan() stopped. The tracker is not told.
  struct Named {
    char type = 0;            ///< 'P', 'B', 'D' or 'C', or 'Q'.
    std::string_view portal;  ///< Of a Bind.
    std::string_view name;    ///< None of a Query.
    ByteView rest;  ///< What follows in the body, of a Bind perhaps in part; a Query's all.
    std::uint32_t body_length = 0;
    std::size_t length = 0;  ///< Bytes of the input that these are.
  };
  [[nodiscard]] Named peekNamed(ByteView input) const;
  /// It was dealt with.
  void skipNamed(ByteView input) { static_cast<void>(reader_.next(input)); }

  /// For a client without a server: skips what PostgreSQL would ignore at this point (CopyData,
  /// CopyDone and CopyFail of a COPY that failed, Flush with nothing to flush).
  [[nodiscard]] Scan skipIdle(ByteView input);

  /// What skipRequest() met.
  struct Skipped {
    enum class Event : std::uint8_t {
      None,       ///< All was read, but for an incomplete header.
      Begun,      ///< The request begins: its error is due.
      Ended,      ///< It was read to its end: ReadyForQuery is due.
      Terminate,  ///< A Terminate follows.
      Violation,  ///< What follows is no message that a client may send now.
    };
    std::size_t length = 0;  ///< Bytes at the front that were read.
    Event event = Event::None;
  };

  /// For a client without a server whose next request is not to be carried out: reads it up to the
  /// next event. A Query or FunctionCall is a request, else all up to a Sync. Call until it ended.
  [[nodiscard]] Skipped skipRequest(ByteView input);

  [[nodiscard]] bool atBoundary() const noexcept { return reader_.atBoundary(); }

 private:
  [[nodiscard]] static bool stopsAtName(char type, ByteView rest, Scan& result) noexcept;
  [[nodiscard]] static bool stopsAtWords(char type, ByteView rest, Scan& result);

  wire::MessageReader reader_{kMaxBodyLength};
  char skipping_ = 0;  // Type of the request's first message, once it began.
};

/// Reads the messages of a linked server.
class ServerScanner {
 public:
  enum class Event : std::uint8_t {
    None,           ///< All was scanned, but for bytes of an incomplete message.
    ReadyForQuery,  ///< The last message of `length` is one; its status is in `status`.
    Parameter,      ///< The last message of `length` reports a parameter: `name`, `value`.
    Error,          ///< Only when watched: the last message of `length` is `report`, a body.
    /// With the last message of `length`, of `type`, tracker.done() passed watchStatement(); or it
    /// is a notice of what the server does with that message.
    Statement,
    Violation,  ///< What follows is no message that a server may send now.
  };
  struct Scan {
    std::size_t length = 0;  ///< Bytes at the front that may be passed on.
    Event event = Event::None;
    char status = 0;              ///< Transaction status: 'I', 'T' or 'E'.
    char type = 0;                ///< Of the last message.
    std::size_t last_length = 0;  ///< Bytes of its first fragment.
    std::string_view name;        ///< Views of the input.
    std::string_view value;
    ByteView report;
    bool pins = false;         ///< A command changed session state: only this server knows it.
    bool deallocates = false;  ///< A command took all prepared statements away.
    bool prepares = false;     ///< A command made one, or may have made one, by SQL.
    bool mistaken = false;     ///< An error says that a prepared statement is not what it was.
    /// The last message passed is an ErrorResponse, and none of those after which the session goes
    /// on: its severity is another than ERROR, or not seen.
    bool error = false;
  };

  /// Scans up to the first event. Tells `tracker` what the server answered.
  [[nodiscard]] Scan scan(ByteView input, SyncTracker& tracker);

  /// From now on an ErrorResponse of at most kMaxInspectedLength is read whole and is an event.
  void watchErrors(bool watch) noexcept { watch_errors_ = watch; }

  /// The next event shall be at the latest when the server is done with the message at `position`
  /// (SyncTracker::sent() before it was sent).
  void watchStatement(std::uint64_t position) noexcept { statement_at_ = position; }

  [[nodiscard]] bool atBoundary() const noexcept { return reader_.atBoundary(); }

 private:
  bool inspect(const wire::Fragment& fragment, ByteView body, SyncTracker& tracker, Scan& result);

  wire::MessageReader reader_{kMaxBodyLength};
  std::uint64_t statement_at_ = std::numeric_limits<std::uint64_t>::max();
  bool watch_errors_ = false;
};

/// Does a command with this tag leave state in the session that a later statement may count on?
[[nodiscard]] bool tagPins(std::string_view command_tag) noexcept;

}  // namespace peerpool::postgres
