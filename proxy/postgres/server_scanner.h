// Scans what a linked server sends: how much may be passed on to its client as it is, and what that
// means for the link. Pure: passing on is the session's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "proxy/base/bytes.h"
#include "proxy/postgres/message_limits.h"
#include "proxy/postgres/session_effect.h"
#include "proxy/postgres/sync_tracker.h"
#include "proxy/postgres/wire/message_reader.h"

namespace peerpool::postgres {

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
    /// Commands that may have changed session state, and what the last of them was.
    std::size_t state_tags = 0;
    StateKind state = StateKind::Parameter;
    std::size_t set_tags = 0;  ///< SET and RESET among all commands.
    bool failed = false;       ///< There is an ErrorResponse.
    bool deallocates = false;  ///< A command took all prepared statements away,
    bool discards = false;     ///< and all else of the session with them.
    bool prepares = false;     ///< A command made one, or may have made one, by SQL.
    bool mistaken = false;     ///< An error says that a prepared statement is not what it was.
    /// The last message passed is an ErrorResponse, and none of those after which the session goes
    /// on: its severity is another than ERROR, or not seen because the message is very long.
    bool error = false;
  };

  /// Scans up to the first event. Tells `tracker` what the server answered.
  [[nodiscard]] Scan scan(ByteView input, SyncTracker& tracker);

  /// From now on an ErrorResponse of at most kMaxInspectedLength, which is always read whole, is an
  /// event.
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
  bool says_end_ = false;  // The message in front is an ErrorResponse with which the session ends.
};

/// What state a command with this tag may leave in the session, for later statements to count on.
[[nodiscard]] std::optional<StateKind> stateOf(std::string_view command_tag) noexcept;

}  // namespace peerpool::postgres
