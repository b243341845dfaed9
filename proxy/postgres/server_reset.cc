#include "proxy/postgres/server_reset.h"

#include <utility>

#include "proxy/base/check.h"

namespace peerpool::postgres {

ServerReset::ServerReset(event::EventLoop& loop, ResetOwner& owner, pool::Lease lease)
    : loop_(loop), owner_(owner), lease_(std::move(lease)) {}

void ServerReset::start() {
  if (server().state() == ServerSession::State::Preparing) {
    server().setUser(*this);
    return;
  }
  if (server().state() == ServerSession::State::Linked) {
    server().unlink();
    server().transport().resumeReading();
  }
  resetNow();
}

void ServerReset::resetNow() {
  resetting_ = true;
  if (server().prepare(ClientId{}, WantedParameters{}, *this)) {
    onPrepared(std::nullopt, true);
  }
}

void ServerReset::onPrepared(const std::optional<Error>& error, bool usable) {
  if (!usable) {
    lease_.discard();
  } else if (!resetting_ || error) {
    resetNow();
    return;
  } else {
    lease_.giveBack(loop_.now());
  }
  owner_.remove(*this);
}

std::size_t ServerReset::onServerBytes(ByteView bytes) {
  (void)bytes;
  checkFailed("a server that is reset is not linked");
}

void ServerReset::onServerLost(const Error& error) {
  (void)error;
  checkFailed("a server that is reset is not linked");
}

}  // namespace peerpool::postgres
