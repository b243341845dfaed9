// The end of a client that was let in, and for which there is no place after all: it gets a last
// message.

#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "proxy/base/clock.h"
#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"
#include "proxy/net/transport.h"

namespace peerpool::postgres {

/// Owned by the frontend; lives on its worker.
class Farewell final : public event::Deletable, private net::TransportHandler {
 public:
  /// Told once, when the client has its message or won't take it; not from the constructor.
  using Over = std::function<void(const Farewell&)>;

  /// `words`: whole messages. Throws std::system_error when `fd` can't be watched.
  Farewell(event::EventLoop& loop, UniqueFd fd, std::string_view words, TimePoint deadline,
           Over over);

 private:
  bool mayRead() override { return true; }
  std::size_t onBytes(ByteView bytes) override { return bytes.size(); }
  void onEnd(const Error& error) override;
  void onDrained() override {}

  Over over_;
  net::Transport transport_;
};

}  // namespace peerpool::postgres
