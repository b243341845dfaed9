// `mode: audit`: for some time, who would be denied is told so only in the audit log. Pure.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "auth/policy.h"
#include "auth/rule.h"

namespace peerpool::auth {

/// Lets in by a rule of its own: as the role that is named like the account, into the database
/// asked for. What that rule cannot do (never_roles, superuser, an account without a plain name)
/// stays denied; what `never:` denies must not get here.
class AuditMode {
 public:
  /// Of a configuration whose mode is Audit.
  AuditMode(const config::Config& config, const IdentityMatchers& identities, NameResolver& names,
            TimeZones& zones);
  AuditMode(const AuditMode&) = delete;
  AuditMode& operator=(const AuditMode&) = delete;

  /// An unknown time is over: then all is enforced.
  [[nodiscard]] bool runsAt(const config::Moment& moment) const noexcept;

  /// May the peer be one of those that it lets in?
  [[nodiscard]] bool mayLetIn(const Identity& identity, std::string_view listener) const;

  /// In place of `denied`, with that in `would_deny`; or `denied` itself.
  [[nodiscard]] Decision tolerate(Decision denied, const Identity& identity,
                                  const Request& request) const;

 private:
  config::PolicyRule source_;
  config::Instant until_;
  Rule rule_;
};

}  // namespace peerpool::auth
