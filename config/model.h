// What the operator wrote, as plain data: each setting once, with its default.
//
// No name is resolved and nothing is opened here. A Config that load() returned holds no mistake
// that can be seen without asking the system.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/limits.h"
#include "config/pool.h"
#include "config/process.h"

namespace peerpool::config {

/// Where something stands in the files; lines and columns count from 1, 0 means unknown.
struct Location {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};

enum class LoginMethod : std::uint8_t { Peer, Trust, Scram };

/// One end of an inclusive range of ids.
struct IdRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// An account as written: a number, or a name that auth::Accounts resolves at load.
struct AccountName {
  std::string name;  ///< Empty when `number` is set.
  std::optional<std::uint32_t> number;
  Location where;
};

/// Conditions on a peer. All members that are set must hold; within one member any entry suffices.
struct Matcher {
  std::vector<AccountName> users;   ///< user:
  std::vector<IdRange> uids;        ///< uid:
  std::vector<AccountName> groups;  ///< group:
  std::vector<IdRange> gids;        ///< gid:
  std::optional<bool> unmapped;     ///< unmapped: the kernel cannot name the peer here.
  std::vector<Matcher> any;         ///< any: at least one of these holds.
  std::vector<Matcher> not_all_of;  ///< not: zero or one element; it must not hold.
  Location where;
};

/// A peer selector of a rule: `anyone`, names of identities, or a matcher written in place.
struct Selector {
  bool anyone = false;
  std::vector<std::string> identities;
  std::optional<Matcher> matcher;
  Location where;
};

struct Identity {
  std::string name;
  Matcher matcher;
};

/// backends: one place that servers connect to.
struct Backend {
  std::string name;
  std::string socket_path;             ///< Of `address: "unix:PATH"`.
  std::optional<Matcher> expect_peer;  ///< Checked on each server connection before a byte is sent.
  LoginMethod login = LoginMethod::Peer;
  /// secrets: login role to an absolute path, or to "credential:NAME" (credentialName()).
  std::map<std::string, std::string> secret_files;
  std::size_t max_connections = 80;  ///< Budget of all pools together, over all workers.
  Duration connect_timeout{5000};    ///< For connect and login together.
  Location where;
};

/// directories: made before the listeners; path is the key.
struct Directory {
  std::string path;
  bool create = false;
  mode_t mode = 0755;
  std::optional<AccountName> owner;  ///< None: the service.
  std::optional<AccountName> group;
  Location where;
};

/// One entry of acl:, read and write on the socket for one more user or group.
struct AclEntry {
  AccountName account;
  bool is_group = false;
};

/// listeners: one socket file.
struct Listener {
  std::string name;
  std::string path;
  std::string backend;
  mode_t mode = 0600;
  std::optional<AccountName> owner;  ///< None: the service.
  std::optional<AccountName> group;  ///< None: the service's, or a setgid directory's.
  std::vector<AclEntry> acl;
  bool open_to_everybody = false;  ///< "Yes, I mean it", for mode o+w with a rule for anyone.
  ListenerLimits limits;
  Location where;
};

enum class Effect : std::uint8_t { Deny, Allow };

/// What happens to a session that a reload no longer allows: Close at the next sync point, soon;
/// Drain at the next sync point, whenever that is; Keep until it leaves.
enum class OnRevoke : std::uint8_t { Close, Drain, Keep };

/// rules: one line of the policy, and (as Deny, for all listeners) each entry of never:.
struct PolicyRule {
  std::string name;
  Effect effect = Effect::Deny;
  Selector who;
  std::vector<std::string> listeners;    ///< Never empty in rules:, always empty in never:.
  std::vector<std::string> databases;    ///< Names, `*` globs and templates.
  std::vector<std::string> roles;        ///< roles: what a client may ask for.
  std::string as;                        ///< as: the login role; empty: the role asked for.
  std::vector<std::string> never_roles;  ///< In addition to Config::never_roles.
  std::string default_database;          ///< When a client names none.
  std::string database_as;               ///< Name at the backend; empty: the same.
  std::string backend;                   ///< Instead of the listener's; empty: the listener's.
  std::string application_name;          ///< Template; empty: what the client says.
  std::vector<std::string> startup_parameters;  ///< Allowed in addition to the fixed list.
  std::string reason;        ///< The only text of ours that a denied client sees.
  bool superuser = false;    ///< May the login role be a superuser?
  bool dry_run = false;      ///< Evaluated and logged, never decides.
  std::optional<Pool> pool;  ///< None: Config::pools.
  RuleLimits limits;
  OnRevoke on_revoke = OnRevoke::Close;
  Location where;
};

/// tests: one expectation about the policy, run by check and before serving.
struct PolicyTest {
  std::string listener;
  AccountName user;
  std::vector<AccountName> groups;  ///< Exactly these, beside the user's primary group.
  bool groups_given = false;        ///< False: the user's own groups.
  std::string database;
  std::string role;
  std::string expect;  ///< "deny", or the name of the rule that must let it in.
  Location where;
};

/// Everything. Immutable once made; shared by all threads as shared_ptr<const Config>.
struct Config {
  Process process;
  Logging log;
  Auditing audit;
  std::vector<Identity> identities;
  std::vector<Backend> backends;
  Pool pools;
  std::vector<Directory> directories;
  std::vector<Listener> listeners;
  std::vector<PolicyRule> never;
  std::vector<PolicyRule> rules;
  std::vector<std::string> never_roles{"postgres", "pg_*"};
  std::vector<PolicyTest> tests;
  std::vector<std::string> files;  ///< All files that were read, the main one first.
};

/// Names are unique after load(); null when there is none.
[[nodiscard]] const Backend* findBackend(const Config& config, const std::string& name) noexcept;
[[nodiscard]] const Listener* findListener(const Config& config, const std::string& name) noexcept;
[[nodiscard]] const Identity* findIdentity(const Config& config, const std::string& name) noexcept;

/// NAME of a secret "credential:NAME", which the service manager passes in a directory of its own;
/// empty for the path of a file. A view of `secret`.
[[nodiscard]] std::string_view credentialName(std::string_view secret) noexcept;

/// "FILE:LINE:COLUMN", or only the file when the line is unknown.
[[nodiscard]] std::string describe(const Location& where);

}  // namespace peerpool::config
