// CancelRequests: each asks a backend, over a connection of its own, to end what one of its
// sessions is doing (PostgreSQL manual, "Canceling Requests in Progress").

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "auth/secret.h"
#include "proxy/event/event_loop.h"

namespace peerpool::postgres {

/// Why the process that listens at the other end of a connected socket is not the expected one; no
/// value when it is. Asked before a byte is sent; what it refers to lives as long as the function.
using PeerCheck = std::function<std::optional<std::string>(int fd)>;

/// Which session of which backend.
struct CancelTarget {
  std::string socket_path;
  PeerCheck unexpected_peer;
  std::uint32_t pid = 0;
  auth::Secret key;  ///< wire::kMinCancelKey to kMaxCancelKey bytes.
};

enum class CancelOutcome : std::uint8_t {
  Done,     ///< The backend has closed the connection: it has hit, or will never do.
  NotSent,  ///< The backend could not be reached, or is not the expected one.
  Unknown,  ///< Sent, but not closed by the deadline: it may hit whatever the session does next.
};

class CancelUser {
 public:
  /// Comes from the loop, once for each start().
  virtual void onCancelEnded(CancelOutcome outcome) = 0;

 protected:
  ~CancelUser() = default;
};

/// All that run on one worker. Who comes when kMostAtOnce of the same socket file are under way
/// waits: one backend that hangs does not keep the others from being asked.
class ServerCancels {
 public:
  static constexpr std::size_t kMostAtOnce = 16;
  /// From start() to the end, waiting included.
  static constexpr Duration kDeadline{5000};

  /// `loop` outlives it.
  explicit ServerCancels(event::EventLoop& loop);
  /// Those under way are dropped, and nobody is told.
  ~ServerCancels();

  void start(CancelTarget target, CancelUser& user);
  /// `user` dies: what it started goes on without it.
  void forget(CancelUser& user) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return attempts_.size(); }

 private:
  class Attempt;
  void ended(Attempt& attempt, CancelOutcome outcome);

  event::EventLoop& loop_;
  std::unordered_map<const Attempt*, std::unique_ptr<Attempt>> attempts_;
  struct Queue {
    std::size_t running = 0;
    std::deque<Attempt*> waiting;
  };
  std::map<std::string, Queue> queues_;  // By socket file; none that is empty.
};

}  // namespace peerpool::postgres
