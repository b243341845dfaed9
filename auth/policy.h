// Access policy: who may come in through which listener, and as which database role.
//
// Pure and synchronous: identity and request in, decision out. No socket, file, clock or log is
// touched after construction, so each rule can be tested by a table and replayed from a log line.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/accounts.h"
#include "auth/file_facts.h"
#include "auth/identity.h"
#include "auth/process_facts.h"
#include "auth/time_zones.h"
#include "config/model.h"

namespace peerpool::auth {

/// What a client asks for in its startup packet. The views must outlive the call that takes it.
struct Request {
  std::string_view listener;  ///< Name in the configuration.
  std::string_view database;  ///< Empty: none named.
  std::string_view role;      ///< As asked for; empty: none named.
  config::Moment at = {};     ///< When; not known: no rule with `when:` lets anybody in.
};

enum class Verdict : std::uint8_t {
  Deny,
  Maybe,  ///< Only at accept: it depends on database and role.
  Allow,  ///< Only at login.
};

/// The answer and why. All of it is for the log; only `client_reason` may reach a client.
struct Decision {
  Verdict verdict = Verdict::Deny;
  std::string rule;           ///< Name of the rule that decided; "default" when none matched.
  config::Location where;     ///< Of that rule; unknown for "default".
  std::string reason;         ///< One sentence for people.
  std::string client_reason;  ///< The rule's `reason:`; mostly empty.
  std::string login_role;     ///< Role to log in with at the backend; empty unless Allow.
  std::string database;       ///< Name at the backend; empty unless Allow.
  std::string identity;       ///< The named identity by which the rule let it in; often empty.
  std::string would_deny;  ///< Why mode: enforce would deny it; empty unless mode: audit lets in.
  /// Null unless Allow; lives as long as the Policy.
  const config::PolicyRule* granted = nullptr;
  /// The dry_run rules that would have decided, in order: "allow: NAME" or "deny: NAME".
  std::vector<std::string> dry_run;
};

/// How one rule fared. Made by explain() only.
struct RuleTrace {
  enum class Outcome : std::uint8_t { Match, NoMatch, Unknown };
  std::string rule;
  config::Location where;
  config::Effect effect = config::Effect::Deny;
  bool dry_run = false;
  Outcome outcome = Outcome::NoMatch;
  bool decides = false;  ///< Matched, or a deny that is unknown, and not dry_run. Only the last.
  std::string failed;    ///< The first condition that does not hold, in words; empty for Match.
};

struct CompiledPolicy;

/// never: first, then an ordered list of rules; the first match decides, and no match denies.
///
/// Immutable: made once for each configuration, then shared by all threads without locks. Same
/// arguments, same decision. The const members throw nothing but bad_alloc.
class Policy {
 public:
  /// Resolves all names through `accounts`, `zones` and `files`, which are used only here and may
  /// block. Throws config::InvalidConfig with every name that is unknown or could not be looked up.
  Policy(std::shared_ptr<const config::Config> config, Accounts& accounts,
         TimeZones zones = TimeZones(), const FileFacts& files = SystemFileFacts());
  ~Policy();
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  /// Before the startup packet: Deny when no database and no role could change that, else Maybe.
  [[nodiscard]] Decision accept(const Identity& identity, std::string_view listener,
                                const config::Moment& at = {}) const;

  /// With database and role: Allow or Deny. Does not assume that accept() was asked.
  [[nodiscard]] Decision login(const Identity& identity, const Request& request) const;

  /// The fate of each rule of login() up to the deciding one; not for the data path.
  [[nodiscard]] std::vector<RuleTrace> explain(const Identity& identity,
                                               const Request& request) const;

  /// What must be known of a peer of `listener`, beyond what its socket tells, before it is
  /// decided.
  [[nodiscard]] const Looks& looks(std::string_view listener) const noexcept;
  /// Of that, what only peerpool-attest can find out and a decision about `peer` depends on:
  /// nothing for those whom their ids alone keep out of every rule that asks for a program.
  [[nodiscard]] Looks missing(const Identity& peer, std::string_view listener) const;
  /// looks() for the process at the other end of a connection to `backend`.
  [[nodiscard]] const Looks& backendLooks(std::string_view backend) const noexcept;
  /// For how long time alone changes no decision of `instant`, a day at most; no value: never.
  [[nodiscard]] std::optional<std::chrono::seconds> staysFor(config::Instant instant) const;

  /// Which rules hold then, and whether it is mode: audit. Two instants with equal answers have
  /// equal decisions.
  [[nodiscard]] std::vector<bool> timeState(config::Instant instant) const;

  /// Does mode: audit let in now what would be denied?
  [[nodiscard]] bool audits(config::Instant instant) const noexcept;

  /// Why the process at the other end of a connection to `backend` is not the one that its
  /// `expect_peer:` names; no value: it is, or the backend expects nobody in particular. An
  /// unknown backend has no expected peer at all: that is a mismatch.
  [[nodiscard]] std::optional<std::string> unexpectedPeer(std::string_view backend,
                                                          const Identity& peer) const;

  /// The configuration that this policy was made of; lives as long as the policy.
  [[nodiscard]] const config::Config& config() const noexcept { return *config_; }

 private:
  [[nodiscard]] Decision enforce(const Identity& identity, const Request& request,
                                 bool& final) const;
  [[nodiscard]] Decision enforceAccept(const Identity& identity, std::string_view listener,
                                       bool& final) const;
  [[nodiscard]] std::string programReason(const Identity& identity,
                                          std::string_view listener) const;
  std::shared_ptr<const config::Config> config_;
  std::unique_ptr<const CompiledPolicy> compiled_;
};

}  // namespace peerpool::auth
