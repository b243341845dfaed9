// Decides as CONFIG's manual says, sentence by sentence, over the configuration as it was read:
// slow, without tables or indexes, written apart from auth/policy. For comparing the two.

#pragma once

#include <string>

#include "auth/identity.h"
#include "auth/policy.h"
#include "config/model.h"
#include "tests/auth/policy_fixture.h"

namespace peerpool::auth::test {

struct SlowAnswer {
  bool allowed = false;
  std::string rule = "default";
  std::string login_role = {};
  std::string database = {};
};

/// `config` holds accounts of FakeAccounts only.
[[nodiscard]] SlowAnswer decideSlowly(const config::Config& config, const Identity& peer,
                                      const Request& request);

}  // namespace peerpool::auth::test
