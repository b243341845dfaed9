// Where SCRAM keys come from: 5 ms of arithmetic and a file, both too slow for a worker.

#pragma once

#include <functional>
#include <string>

#include "auth/scram.h"
#include "proxy/base/result.h"

namespace peerpool::postgres {

class KeyDeriver {
 public:
  virtual ~KeyDeriver() = default;

  /// Reads the secret of `secret_file`, derives its keys for `challenge` on another thread, and
  /// calls `done` on the caller's loop in a later turn.
  virtual void derive(const std::string& secret_file, const auth::ScramChallenge& challenge,
                      std::function<void(Result<auth::ScramKeys>)> done) = 0;
};

}  // namespace peerpool::postgres
