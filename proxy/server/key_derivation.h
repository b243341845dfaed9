// SCRAM keys for one worker, derived on the resolver's thread and remembered there.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "proxy/event/event_loop.h"
#include "proxy/postgres/key_deriver.h"
#include "proxy/server/resolver.h"

namespace peerpool::server {

/// Answers on `loop`. The secret's file is read for each login, so that a new password counts at
/// once; the derivation is done again only when password, salt or iteration count changed.
class KeyDerivation final : public postgres::KeyDeriver {
 public:
  /// `credentials`: see auth::loadSecret().
  KeyDerivation(event::EventLoop& loop, Resolver& resolver, const std::string& credentials);
  ~KeyDerivation() override;

  void derive(const std::string& secret_file, const auth::ScramChallenge& challenge,
              std::function<void(Result<auth::ScramKeys>)> done) override;

 private:
  class Cache;
  event::EventLoop& loop_;
  Resolver& resolver_;
  std::shared_ptr<Cache> cache_;  // Touched by the resolver's thread only.
};

}  // namespace peerpool::server
