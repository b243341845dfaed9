#include "proxy/server/settings_difference.h"

#include <algorithm>

#include "proxy/server/policy_facts.h"

namespace peerpool::server {
namespace {

/// `Entry` has a name; `factsOf` tells what else matters of it.
template <typename Entry, typename FactsOf>
void compare(const std::string& kind, const std::vector<Entry>& before,
             const std::vector<Entry>& after, FactsOf factsOf, std::vector<std::string>& lines) {
  const auto find = [](const std::vector<Entry>& entries, const std::string& name) {
    return std::find_if(entries.begin(), entries.end(),
                        [&](const Entry& entry) { return entry.name == name; });
  };
  for (const Entry& entry : before) {
    const std::string title = kind + ' ' + entry.name + ": ";
    const auto found = find(after, entry.name);
    if (found == after.end()) {
      lines.push_back(title + "removed");
      continue;
    }
    for (const std::string& text : differences(factsOf(entry), factsOf(*found))) {
      lines.push_back(title + text);
    }
  }
  for (const Entry& entry : after) {
    if (find(before, entry.name) == before.end()) {
      lines.push_back(kind + ' ' + entry.name + ": new");
    }
  }
}

Facts generalFacts(const config::Config& config) {
  std::string never;
  for (const std::string& role : config.never_roles) {
    never += (never.empty() ? "" : ", ") + role;
  }
  const bool audit = config.mode == config::Mode::Audit && config.audit_until;
  return {{"mode", audit ? "audit until " + config::printInstant(*config.audit_until) : "enforce"},
          {"never_roles", never}};
}

}  // namespace

std::vector<std::string> settingsDifference(const config::Config& before,
                                            const config::Config& after) {
  std::vector<std::string> lines = differences(generalFacts(before), generalFacts(after));
  compare("listener", before.listeners, after.listeners, listenerFacts, lines);
  compare("backend", before.backends, after.backends, backendFacts, lines);
  return lines;
}

}  // namespace peerpool::server
