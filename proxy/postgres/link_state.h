// What a client changes in the session of the server that it is linked to, and what becomes of
// that: it follows the client, it binds the client to the server, it is lost, or the client must
// go.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "config/pool.h"
#include "proxy/postgres/followed_settings.h"
#include "proxy/postgres/pin_counts.h"
#include "proxy/postgres/server_scanner.h"
#include "proxy/postgres/session_effect.h"
#include "proxy/postgres/session_remains.h"

namespace peerpool::postgres {

/// Of one link. First come texts, which say what they may do; then the tags of the commands that
/// were carried out, in case a text did what it did not seem to. Pure.
class LinkState {
 public:
  /// `pins` outlives it, and counts when the client is bound to the server.
  void begin(const config::Pool& settings, PinCounts& pins, SessionRemains& remains);

  /// A text goes to the server, whose transaction status was last `status`; `followed` is what the
  /// client has set so far.
  void onSent(SessionEffect effect, char status, const FollowedSettings& followed,
              SessionRemains& remains);
  void onAnswer(const ServerScanner::Scan& scan, SessionRemains& remains);
  /// ReadyForQuery; nothing is owed if `idle`. A SET that was carried out and follows the client is
  /// added to what it has set, and to what is set `there`.
  void onReady(char status, bool idle, FollowedSettings& followed, FollowedSettings& there,
               SessionRemains& remains);

  /// The client holds the server until it leaves.
  [[nodiscard]] const std::optional<StateKind>& pinned() const noexcept { return pinned_; }
  /// The client changed session state, which its pool does not permit.
  [[nodiscard]] bool refused() const noexcept { return refused_; }
  /// Parameters may be other than is known: what a text means that is parsed now is this server's.
  [[nodiscard]] bool unsure() const noexcept { return changing_; }
  void onState(StateKind state, SessionRemains& remains);

 private:
  // SETs that follow the client if they succeed, together.
  struct Pending {
    std::vector<Setting> settings;
    std::size_t commands = 0;  // Sent, and
    std::size_t answered = 0;
    bool failed = false;
  };
  void finish(char status, FollowedSettings& followed, FollowedSettings& there,
              SessionRemains& remains);

  PinCounts* pins_ = nullptr;
  config::SessionState policy_ = config::SessionState::Pin;
  std::optional<StateKind> pinned_;
  bool refused_ = false;
  bool discards_ = false;          // DISCARD ALL was sent, and nothing behind that leaves anything;
  bool discarded_ = false;         // it was carried out.
  bool changing_ = false;          // A SET was sent, and its transaction is not over.
  std::size_t harmless_tags_ = 0;  // That are to come.
  std::unique_ptr<Pending> pending_;
};

}  // namespace peerpool::postgres
