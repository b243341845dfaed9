#include "config/check_sockets.h"

#include <algorithm>
#include <map>
#include <string>

#include "config/units.h"
#include "config/wording.h"

namespace peerpool::config {
namespace {

constexpr mode_t kWrite = 0222;
constexpr mode_t kWriteByOthers = 0002;

void checkPaths(const Validation& validation) {
  std::map<std::string, const Listener*> by_path;
  for (const Listener& listener : validation.config().listeners) {
    if (listener.path.empty()) {
      continue;  // Reported when it was read.
    }
    const auto [first, is_new] = by_path.try_emplace(listener.path, &listener);
    if (!is_new) {
      validation.error(listener.where, "path",
                       "the listener " + quoted(first->second->name) + " has this path too",
                       "each listener needs a path of its own");
    }
  }
  for (const Backend& backend : validation.config().backends) {
    const auto same = by_path.find(backend.socket_path);
    if (same != by_path.end()) {
      validation.error(backend.where, "address",
                       "this is the path of the listener " + quoted(same->second->name) +
                           ": peerpool would connect to itself",
                       "name the socket of the backend");
    }
  }
}

/// The rule that lets everybody in who can open the socket, or null.
const PolicyRule* ruleForAnyone(const Config& config, const Listener& listener) {
  const auto found =
      std::find_if(config.rules.begin(), config.rules.end(), [&](const PolicyRule& rule) {
        return rule.effect == Effect::Allow && !rule.dry_run && rule.who.anyone &&
               std::find(rule.listeners.begin(), rule.listeners.end(), listener.name) !=
                   rule.listeners.end();
      });
  return found == config.rules.end() ? nullptr : &*found;
}

void checkPermissions(const Validation& validation, const Listener& listener) {
  // connect(2) needs write permission and nothing else (unix(7)).
  if ((listener.mode & kWrite) == 0 && listener.acl.empty()) {
    validation.error(listener.where, "mode",
                     "with mode " + printMode(listener.mode) + " nobody may connect",
                     "connecting needs the write bit: \"0660\", with group:");
  }
  const PolicyRule* const rule = ruleForAnyone(validation.config(), listener);
  if ((listener.mode & kWriteByOthers) != 0 && !listener.open_to_everybody && rule != nullptr) {
    validation.error(
        listener.where, "mode",
        "every local user may connect, and the rule " + quoted(rule->name) + " lets anyone in",
        "narrow one of them, or say open_to_everybody: true");
  }
}

void checkSecrets(const Validation& validation, const Backend& backend) {
  const bool scram = backend.login == LoginMethod::Scram;
  if (scram && backend.secret_files.empty()) {
    validation.error(backend.where, "login", "login: scram needs secrets",
                     "as in secrets: { shop_rw: \"file:/etc/peerpool/shop_rw.secret\" }");
  } else if (!scram && !backend.secret_files.empty()) {
    validation.error(backend.where, "secrets", "secrets have no meaning without login: scram",
                     "say login: scram, or take the secrets out");
  }
}

}  // namespace

void checkSockets(const Validation& validation) {
  checkPaths(validation);
  for (const Listener& listener : validation.config().listeners) {
    if (validation.isSound(listener.where, "acl") &&
        validation.isSound(listener.where, "open_to_everybody")) {
      checkPermissions(validation, listener);
    }
  }
  for (const Backend& backend : validation.config().backends) {
    if (validation.isSound(backend.where, "login") &&
        validation.isSound(backend.where, "secrets")) {
      checkSecrets(validation, backend);
    }
  }
}

}  // namespace peerpool::config
