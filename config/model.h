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
#include "config/mode.h"
#include "config/moment.h"
#include "config/peers.h"
#include "config/pool.h"
#include "config/process.h"
#include "config/time_window.h"

namespace peerpool::config {

enum class LoginMethod : std::uint8_t { Peer, Trust, Scram };

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

/// containers: may a peer in another user or pid namespace, or with another root, come in?
enum class Containers : std::uint8_t { Deny, Allow, Only };

/// listeners: one socket file.
struct Listener {
  std::string name;
  std::string path;
  std::string backend;
  mode_t mode = 0600;
  std::optional<AccountName> owner;  ///< None: the service.
  std::optional<AccountName> group;  ///< None: the service's, or a setgid directory's.
  std::vector<AclEntry> acl;
  Containers containers = Containers::Deny;
  bool containers_given = false;   ///< Else the default is enforced only where the kernel can.
  bool open_to_everybody = false;  ///< "Yes, I mean it", for mode o+w with a rule for anyone.
  bool repair = false;             ///< What others do to its socket file is undone.
  ListenerLimits limits;
  Location where;
};

enum class Effect : std::uint8_t { Deny, Allow };

/// What happens to a session that is no longer allowed, after a reload or because of the time:
/// Close at the next sync point, soon; Drain at the next one, whenever that is; Keep until it
/// leaves.
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
  std::string reason;            ///< The only text of ours that a denied client sees.
  bool superuser = false;        ///< May the login role be a superuser?
  bool bind_to_process = false;  ///< Sessions end with the process that connected.
  bool dry_run = false;          ///< Evaluated and logged, never decides.
  std::optional<Pool> pool;      ///< None: Config::pools.
  RuleLimits limits;
  OnRevoke on_revoke = OnRevoke::Close;
  std::vector<TimeWindow> when;  ///< In any of these; none: always.
  OnRevoke at_window_end = OnRevoke::Close;
  Location where;
};

/// tests: one expectation about the policy, run by check and before serving.
struct PolicyTest {
  std::string listener;
  AccountName user;
  std::vector<AccountName> groups;  ///< Exactly these, beside the user's primary group.
  bool groups_given = false;        ///< False: the user's own groups.
  std::string unit;                 ///< Its process' systemd unit; empty: none.
  std::string exe;                  ///< Its program; empty: none that any rule names.
  std::string database;
  std::string role;
  Moment at;           ///< Not known: no rule with `when:` lets it in.
  std::string expect;  ///< "deny", or the name of the rule that must let it in.
  Location where;
};

/// Everything. Immutable once made; shared by all threads as shared_ptr<const Config>.
struct Config {
  Mode mode = Mode::Enforce;
  std::optional<Instant> audit_until;  ///< There is one when mode is Audit.
  Location mode_where;
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
  bool allow_racy_attestation = false;  ///< Processes by their number, on kernels before 6.5.
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

}  // namespace peerpool::config
