// Scans what a client sends: how much may be passed on to the server it is linked to as it is, and
// what that means for the link. Pure: passing on is the session's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/base/bytes.h"
#include "proxy/postgres/message_limits.h"
#include "proxy/postgres/session_effect.h"
#include "proxy/postgres/sync_tracker.h"
#include "proxy/postgres/wire/message_reader.h"

namespace peerpool::postgres {

/// Reads the client's messages.
class ClientScanner {
 public:
  enum class Stop : std::uint8_t {
    None,       ///< All was scanned, but for an incomplete header or small message.
    Terminate,  ///< A Terminate follows: the client leaves.
    Violation,  ///< What follows is no message that a client may send now.
    Full,       ///< Too many requests are unanswered: scan the rest later.
    Named,      ///< A message follows that names a statement, means an unnamed one that this link
                ///< has not parsed, or is a Query: peekNamed().
    Sequences,  ///< A Query or Parse follows that reads what the session did with sequences.
    Request,    ///< Only from skipIdle(): something follows that needs a server.
  };
  struct Scan {
    std::size_t length = 0;  ///< Bytes at the front that may be passed on (or were skipped).
    Stop stop = Stop::None;
    SessionEffect effect;  ///< Of all that may be passed on, if it was looked for.
    /// The unnamed statement was parsed, last with this text and these types (none: they are larger
    /// than what is kept).
    bool parses = false;
    ByteView unnamed;
  };

  struct Watch {
    bool names = false;    ///< Stop at each message that concerns one of the client's statements.
    bool words = false;    ///< Stop at each Query that names one.
    bool effects = false;  ///< Say what the texts of Query and Parse may leave in the session.
    /// Stop at what SessionEffect::readsSequences(), if the server has nothing to do. With effects.
    bool sequences = false;
  };

  /// For a linked client: what of `input` goes to the server. Tells `tracker` about it.
  [[nodiscard]] Scan scan(ByteView input, SyncTracker& tracker, const Watch& watch);

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
  [[nodiscard]] static bool stopsAtName(char type, ByteView rest, const SyncTracker& tracker,
                                        Scan& result) noexcept;
  [[nodiscard]] static bool stopsAtWords(char type, ByteView rest, Scan& result);

  wire::MessageReader reader_{kMaxBodyLength};
  char skipping_ = 0;  // Type of the request's first message, once it began.
};

}  // namespace peerpool::postgres
