// Goes through many sessions a few at a time, so that a reload does not keep the others waiting.
// What is done with each is its owner's business.

#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "proxy/base/ids.h"
#include "proxy/event/event_loop.h"

namespace peerpool::postgres {

/// Lives on one worker. Destroying it ends the walk.
class SessionReview final : private event::ReadyNode {
 public:
  /// Of one turn of the loop: some microseconds each.
  static constexpr std::size_t kSlice = 64;

  /// `visit` gets each id once; it may be of a session that has gone meanwhile.
  SessionReview(event::EventLoop& loop, std::function<void(ClientId)> visit)
      : loop_(loop), visit_(std::move(visit)) {}

  /// Starts anew with `ids`.
  void start(std::vector<ClientId> ids) {
    ids_ = std::move(ids);
    if (!ids_.empty()) {
      loop_.markReady(*this);
    }
  }

 private:
  void onReady() override {
    for (std::size_t count = 0; count < kSlice && !ids_.empty(); ++count) {
      const ClientId id = ids_.back();
      ids_.pop_back();
      visit_(id);
    }
    if (ids_.empty()) {
      unlink();
      std::vector<ClientId>().swap(ids_);
    }
  }

  event::EventLoop& loop_;
  std::function<void(ClientId)> visit_;
  std::vector<ClientId> ids_;
};

}  // namespace peerpool::postgres
