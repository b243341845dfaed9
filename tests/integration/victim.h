// A client in a process of its own that is killed at a chosen moment.

#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "tests/support/raw_client.h"

namespace peerpool::testing {

/// A simple query, as one message.
[[nodiscard]] std::string queryMessage(const std::string& sql);

/// A DO command that runs for `interval` (SQL's), whatever cancels come: what comes while one is
/// being caught is caught by the next block outside.
[[nodiscard]] std::string catchesCancels(const std::string& interval);

/// Forks: the child logs in at `socket_path` as role app to database shop, does `work`, and waits
/// to be killed. The constructor returns when `work` is done; `work` returns false when something
/// went wrong, and then the constructor throws.
class Victim {
 public:
  Victim(const std::string& socket_path, const std::function<bool(RawClient&)>& work);
  /// SIGKILL, and the kernel has closed its connection when this returns.
  ~Victim();
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

 private:
  pid_t pid_;
};

}  // namespace peerpool::testing
