// The owner of a transport in tests: records what it is told and does what the test says.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/net/transport.h"
#include "tests/support/socket_pair.h"

namespace peerpool::net {

class RecordingHandler final : public TransportHandler {
 public:
  bool mayRead() override {
    ++asked;
    return may_read;
  }
  std::size_t onBytes(ByteView bytes) override {
    ++deliveries;
    if (on_bytes) {
      return on_bytes(bytes);
    }
    received += asText(bytes);
    return bytes.size();
  }
  void onEnd(const Error& error) override {
    ends.push_back(error);
    if (on_end) {
      on_end();
    }
  }
  void onDrained() override {
    ++drained;
    if (on_drained) {
      on_drained();
    }
  }

  bool endsWhenClosed() override { return ends_when_closed; }

  bool may_read = true;
  bool ends_when_closed = false;
  int asked = 0;
  int deliveries = 0;
  int drained = 0;
  std::string received;  // By the default onBytes(), which consumes all.
  std::vector<Error> ends;
  std::function<std::size_t(ByteView)> on_bytes;
  std::function<void()> on_end;
  std::function<void()> on_drained;
};

/// A transport over a socket pair; `theirs` is the test's end.
struct Endpoint {
  explicit Endpoint(event::EventLoop& loop, const Transport::Limits& limits = {},
                    int send_buffer = 0, std::string_view leftover = {})
      : sockets(send_buffer),
        transport(std::make_unique<Transport>(loop, std::move(sockets.ours), handler, limits,
                                              leftover)) {}

  [[nodiscard]] int theirs() const noexcept { return sockets.theirs.get(); }

  testing::SocketPair sockets;
  RecordingHandler handler;
  std::unique_ptr<Transport> transport;
};

/// Turns as long as there is something to do at once; `turns` bounds it.
inline void settle(event::EventLoop& loop, int turns = 5) {
  for (int i = 0; i < turns; ++i) {
    loop.turn(TimePoint::min());
  }
}

}  // namespace peerpool::net
