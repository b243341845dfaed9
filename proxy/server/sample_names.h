// Databases and roles to ask for: those that policies name, examples of their patterns, and one of
// each that nothing names.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "config/model.h"

namespace peerpool::server {

struct SampleName {
  std::string value;  ///< Empty: none is asked for.
  std::string text;   ///< `database "shop"`, `databases like "stats_*"`, `any other database`
};

struct AskedNames {
  std::vector<SampleName> databases;  ///< Never none: what a rule takes then is a fact of the rule.
  std::vector<SampleName> roles;      ///< None first, which stands for the account's name.
};

/// What `variable`, as "${user}", must be so that `pattern` is `name`; no value: the pattern has
/// none, or a `*` or another variable beside it, or cannot be that name.
[[nodiscard]] std::optional<std::string> valueOf(std::string_view variable,
                                                 std::string_view pattern, std::string_view name);

class SampleNames {
 public:
  /// Of all of `configs` together. Asks nobody.
  explicit SampleNames(const std::vector<const config::Config*>& configs);

  /// What may matter there for `peer`: templates are filled in with what is known of it.
  [[nodiscard]] AskedNames of(const std::string& listener, const auth::Identity& peer) const;

 private:
  struct Patterns {
    std::set<std::string> databases;
    std::set<std::string> roles;
  };
  Patterns everywhere_;
  std::map<std::string, Patterns> by_listener_;
  std::set<std::string> identities_;
};

}  // namespace peerpool::server
