// A peer that passed the front door, with all that was decided and seen there.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "auth/identity.h"
#include "auth/limit_reached.h"
#include "auth/place_counts.h"
#include "auth/policy.h"
#include "config/model.h"
#include "proxy/base/clock.h"
#include "proxy/base/ids.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::auth {

/// One configuration in force: published whole, never edited, kept alive by all who decide by it.
struct Snapshot {
  std::shared_ptr<const config::Config> config;
  Policy policy;
  std::uint64_t generation = 1;
};

/// Counts one live client for as long as it exists; any thread.
class ClientSlot {
 public:
  ClientSlot() = default;
  explicit ClientSlot(std::shared_ptr<std::atomic<std::size_t>> count) : count_(std::move(count)) {
    count_->fetch_add(1, std::memory_order_relaxed);
  }
  ClientSlot(ClientSlot&& other) noexcept = default;
  ClientSlot& operator=(ClientSlot&& other) noexcept {
    count_.swap(other.count_);
    return *this;
  }
  ~ClientSlot() {
    if (count_ != nullptr) {
      count_->fetch_sub(1, std::memory_order_relaxed);
    }
  }
  ClientSlot(const ClientSlot&) = delete;
  ClientSlot& operator=(const ClientSlot&) = delete;

 private:
  std::shared_ptr<std::atomic<std::size_t>> count_;
};

/// What a client takes of the limits that others feel too. One that is turned away has none of it.
struct ClientPlaces {
  PlaceCounts::Place process;
  PlaceCounts::Place listener;
};

/// Made by the main thread for every accepted connection, denied ones too: those are answered after
/// their startup packet. Moves to a worker with its descriptor.
struct Admitted {
  UniqueFd fd;
  ClientId id;
  Identity identity;
  UniqueFd process;  ///< Its pidfd, where a rule of its listener binds sessions to a process.
  /// Of the accept stage: Deny or Maybe. Null once the client has logged in: what that decided is
  /// the rule, and ten thousand idle clients need not remember more.
  std::unique_ptr<const Decision> decision;
  std::optional<LimitReached> over_limit;  ///< Refuse with 53300.
  bool unaudited = false;  ///< The required audit log cannot be written: refuse with 58030.
  std::string reference;   ///< What a denied client is told, and the log line is found by.
  std::shared_ptr<const Snapshot> snapshot;
  const config::Listener* listener = nullptr;  ///< Of the snapshot's config.
  TimePoint accepted_at;
  ClientSlot slot;                 ///< Counts the descriptor.
  ClientPlaces places;             ///< Given back as soon as it is turned away.
  PlaceCounts::Place turned_away;  ///< Of one that was turned away at accept.
};

}  // namespace peerpool::auth
