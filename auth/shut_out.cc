// Whom a rule names, and whether the socket and its directories let them through.

#include "auth/shut_out.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "auth/named_peers.h"
#include "auth/peer.h"
#include "auth/peer_selector.h"
#include "auth/permissions.h"
#include "auth/quoted.h"
#include "auth/socket_parents.h"

namespace peerpool::auth {
namespace {

constexpr char kUnlessMember[] = " unless something else lets a member in";
constexpr char kUnlessUnit[] = " unless its unit gives it a group that may";

class Checker {
 public:
  Checker(const config::Config& config, Accounts& accounts, const FileFacts& files,
          const Identity& service, config::Diagnostics& out)
      : config_(config),
        accounts_(accounts),
        files_(files),
        service_(service),
        out_(out),
        names_(accounts, files, ignored_),
        identities_(compileIdentities(config, names_)) {}

  void checkRule(const config::PolicyRule& rule, const std::string& path) {
    const PeerSelector who(rule.who, identities_, names_, path);
    const config::Location where = rule.who.where.line != 0 ? rule.who.where : rule.where;
    for (const NamedPeer& candidate : namedPeers(config_, rule, accounts_, names_)) {
      if (candidate.peer.uid == OverflowIds{}.uid) {
        out_.error(where, path,
                   "rule " + quoted(rule.name) + " can never let in " + candidate.name +
                       ": the kernel shows its uid for every peer that it cannot name",
                   "give the program an account of its own");
        continue;
      }
      const Truth means = who.matches(candidate.peer).truth;
      if (candidate.group || means != Truth::No) {
        const char* const unless = candidate.group           ? kUnlessMember
                                   : means == Truth::Unknown ? kUnlessUnit
                                                             : nullptr;
        for (const std::string& name : rule.listeners) {
          if (const config::Listener* listener = config::findListener(config_, name)) {
            checkListener(rule, *listener, candidate, {where, path, unless});
          }
        }
      }
    }
  }

 private:
  struct Place {
    config::Location where;
    std::string path;
    const char* unless;  // What may let the candidate in all the same; null: nothing.
  };

  [[nodiscard]] Permissions permissionsOf(const config::Listener& listener,
                                          const std::vector<ParentDirectory>& parents) {
    Permissions result{service_.uid, service_.gid, listener.mode, {}, {}};
    if (!parents.empty() && parents.back().path == parentsOf(listener.path).back() &&
        (parents.back().permissions.mode & S_ISGID) != 0) {
      result.group = parents.back().permissions.group;
    }
    if (listener.owner) {
      result.owner = names_.uid(*listener.owner, "owner").value_or(result.owner);
    }
    if (listener.group) {
      result.group = names_.gid(*listener.group, "group").value_or(result.group);
    }
    addEntries(listener.acl, names_, result);
    return result;
  }

  void checkListener(const config::PolicyRule& rule, const config::Listener& listener,
                     const NamedPeer& candidate, const Place& place) {
    const std::vector<ParentDirectory> parents =
        knownParents(config_, listener.path, files_, service_, names_);
    const Permissions socket = permissionsOf(listener, parents);
    const std::string start = "rule " + quoted(rule.name) + " lets in " + candidate.name + ", but ";
    if (!grants(socket, candidate.peer, Permission::Write)) {
      report(grantsAnyone(socket, Permission::Write), place,
             start + "the socket of listener " + quoted(listener.name) + " does not (" +
                 auth::describe(socket, listener.acl) + ")",
             "add " + candidate.entry + " to acl: of listeners." + listener.name);
      return;
    }
    for (const ParentDirectory& parent : parents) {
      if (parent.certain && !grants(parent.permissions, candidate.peer, Permission::Search)) {
        report(grantsAnyone(parent.permissions, Permission::Search), place,
               start + "cannot search directory " + parent.path + " of listener " +
                   quoted(listener.name) + " (mode " + modeText(parent.permissions.mode) +
                   ", owner uid " + std::to_string(parent.permissions.owner) + ", group gid " +
                   std::to_string(parent.permissions.group) + ")",
               "chmod o+x " + parent.path + ", or setfacl it");
        return;
      }
    }
  }

  /// A member of one group may get in by another, and so may a process to which its unit gives one
  /// (systemd.exec(5), SupplementaryGroups=): there only a door that is shut for all is certain.
  void report(bool open_to_some, const Place& place, const std::string& message,
              const std::string& hint) {
    if (place.unless != nullptr && open_to_some) {
      out_.warning(place.where, place.path, message + place.unless, hint);
    } else {
      out_.error(place.where, place.path, message, hint);
    }
  }

  const config::Config& config_;
  Accounts& accounts_;
  const FileFacts& files_;
  const Identity& service_;
  config::Diagnostics& out_;
  config::Diagnostics ignored_;  // The policy was made, so all names resolve.
  NameResolver names_;
  IdentityMatchers identities_;
};

}  // namespace

void checkShutOut(const config::Config& config, Accounts& accounts, const FileFacts& files,
                  const Identity& service, config::Diagnostics& out) {
  Checker checker(config, accounts, files, service, out);
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    if (config.rules[i].effect == config::Effect::Allow) {
      checker.checkRule(config.rules[i], "rules[" + std::to_string(i) + ']');
    }
  }
}

}  // namespace peerpool::auth
