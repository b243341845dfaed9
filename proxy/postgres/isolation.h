// Who may share servers beyond what makes a pool anyway.

#pragma once

#include <sys/types.h>

#include <string>

#include "auth/policy.h"
#include "config/pool.h"

namespace peerpool::postgres {

/// The part of the pool key that keeps clients apart; equal texts share. By identity a client whom
/// the rule lets in without naming one counts by the rule.
[[nodiscard]] inline std::string isolationOf(config::Isolate isolate,
                                             const auth::Decision& decision, uid_t uid) {
  switch (isolate) {
    case config::Isolate::None:
      return {};
    case config::Isolate::Identity:
      if (!decision.identity.empty()) {
        return "identity " + decision.identity;
      }
      return "rule " + decision.rule;
    case config::Isolate::Rule:
      return "rule " + decision.rule;
    case config::Isolate::Uid:
      return "uid " + std::to_string(uid);
  }
  return "uid " + std::to_string(uid);
}

}  // namespace peerpool::postgres
