// What program does a peer run? Asked of peerpool-attest on a thread of its own, so that neither
// the front door nor the lookups of names wait for a disk.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "auth/process_facts.h"
#include "proxy/base/clock.h"
#include "proxy/base/unique_fd.h"
#include "proxy/event/event_loop.h"
#include "proxy/server/attest_client.h"
#include "proxy/server/resolver.h"

namespace peerpool::server {

/// Lives on the main thread's loop. The thread starts with the first question.
class Attestor {
 public:
  struct Limits {
    std::size_t waiting = 256;         ///< Questions, each with a descriptor.
    std::size_t waiting_per_uid = 32;  ///< One uid's haste must not make others unknown.
    Duration patience = AttestClient::kPatience;
  };
  using Done = std::function<void(auth::Fact<auth::Executable>)>;

  /// `socket` is the helper's; it need not be there yet.
  Attestor(event::EventLoop& loop, std::string socket, const Limits& limits);
  ~Attestor();
  Attestor(const Attestor&) = delete;
  Attestor& operator=(const Attestor&) = delete;

  /// Calls `done` once, at once when too many wait or in a later turn: with what the process of
  /// the pidfd `process` runs, that connected as `uid`, or with the reason why that is unknown.
  void ask(uid_t uid, UniqueFd process, bool sha256, Done done);

 private:
  void finish(uid_t uid, const Done& done, auth::Fact<auth::Executable> fact);

  event::EventLoop& loop_;
  Limits limits_;
  AttestClient client_;  // The thread's.
  std::size_t waiting_ = 0;
  std::map<uid_t, std::size_t> waiting_of_;
  std::optional<Resolver> thread_;  // Last: its jobs use all of the above.
};

}  // namespace peerpool::server
