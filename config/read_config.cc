#include "config/read_config.h"

#include <array>

#include "config/map_reader.h"
#include "config/read_backends.h"
#include "config/read_listeners.h"
#include "config/read_peers.h"
#include "config/read_process.h"
#include "config/read_rules.h"
#include "config/read_windows.h"

namespace peerpool::config {
namespace {

constexpr std::size_t kVersion = 1;

constexpr std::array<Word<Mode>, 2> kModes = {{{"enforce", Mode::Enforce}, {"audit", Mode::Audit}}};

/// Who forgets that nothing is denied is reminded by a date.
void readMode(const std::optional<Value>& mode, const std::optional<Value>& until, Config& config) {
  if (mode) {
    config.mode = mode->word(kModes).value_or(Mode::Enforce);
    config.mode_where = mode->where();
  }
  if (until) {
    config.audit_until = readInstant(*until);
  }
  if (config.mode == Mode::Audit && !until) {
    mode->error("mode: audit needs audit_until: a date on which denials begin",
                "as in audit_until: 2026-11-30");
  } else if (until && config.mode == Mode::Enforce) {
    until->error("audit_until: has a meaning only with mode: audit", "take it out");
  }
}

/// Pools come first: rules are completed from them, wherever they stand in the file.
template <typename Find>
std::vector<Value> readMainOnly(Find find, Config& config) {
  const auto mode = find("mode");
  readMode(mode, find("audit_until"), config);
  if (const auto process = find("process")) {
    readProcess(*process, config.process);
  }
  if (const auto log = find("log")) {
    readLogging(*log, config.log);
  }
  const auto audit = find("audit");
  if (audit) {
    readAuditing(*audit, config.audit);
  }
  if (audit && !config.audit.file.empty() && config.audit.file == config.log.file) {
    audit->error("the audit log and log.to are one file", "give each a file of its own");
  }
  if (const auto pools = find("pools")) {
    readPool(*pools, config.pools);
  }
  if (const auto never = find("never")) {
    readNever(*never, config.never);
  }
  if (const auto never_roles = find("never_roles")) {
    config.never_roles = readNeverRoles(*never_roles).value_or(config.never_roles);
  }
  if (const auto racy = find("allow_racy_attestation")) {
    config.allow_racy_attestation = racy->boolean().value_or(false);
  }
  if (const auto tests = find("tests")) {
    readTests(*tests, config.tests);
  }
  const auto include = find("include");
  return include ? include->list() : std::vector<Value>();
}

void readCommon(MapReader& map, Config& config) {
  if (const auto identities = map.find("identities")) {
    readIdentities(*identities, config.identities);
  }
  if (const auto backends = map.find("backends")) {
    readBackends(*backends, config.backends);
  }
  if (const auto directories = map.find("directories")) {
    readDirectories(*directories, config.directories);
  }
  if (const auto listeners = map.find("listeners")) {
    readListeners(*listeners, config.listeners);
  }
  if (const auto rules = map.find("rules")) {
    readRules(*rules, config.pools, config.rules);
  }
}

}  // namespace

std::vector<Value> readMainFile(const Value& root, Config& config) {
  MapReader map(root, "top level");
  if (const auto version = map.require("version", "begin the file with: version: 1")) {
    (void)version->number(kVersion, kVersion);
  }
  std::vector<Value> include =
      readMainOnly([&](std::string_view key) { return map.find(key); }, config);
  readCommon(map, config);
  map.finish();
  return include;
}

void readIncludedFile(const Value& root, Config& config) {
  MapReader map(root, "top level");
  const auto refuse = [&](std::string_view key) -> std::optional<Value> {
    if (const auto value = map.find(key)) {
      value->error(
          "only the main file may have this key",
          "an included file may add identities, backends, directories, listeners and rules");
    }
    return std::nullopt;
  };
  (void)refuse("version");
  (void)readMainOnly(refuse, config);
  readCommon(map, config);
  map.finish();
}

}  // namespace peerpool::config
