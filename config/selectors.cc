#include "config/selectors.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/names.h"

namespace peerpool::config {
namespace {

bool covers(const Matcher& wide, const Matcher& narrow);

bool coversEntry(const AccountName& wide, const AccountName& narrow) {
  return wide.name == narrow.name && wide.number == narrow.number;
}

bool coversEntry(const IdRange& wide, const IdRange& narrow) {
  return wide.first <= narrow.first && narrow.last <= wide.last;
}

bool coversEntry(const TextPattern& wide, const TextPattern& narrow) {
  return config::covers(wide.text, narrow.text);
}

bool coversEntry(ContainerKind wide, ContainerKind narrow) {
  return wide == narrow || (wide == ContainerKind::Any && narrow != ContainerKind::None);
}

bool coversEntry(const Matcher& wide, const Matcher& narrow) { return covers(wide, narrow); }

/// One key: any entry of it suffices, and a key that is not there asks for nothing.
template <typename T>
bool coversAny(const std::vector<T>& wide, const std::vector<T>& narrow) {
  if (wide.empty()) {
    return true;
  }
  return !narrow.empty() && std::all_of(narrow.begin(), narrow.end(), [&](const T& inner) {
    return std::any_of(wide.begin(), wide.end(),
                       [&](const T& outer) { return coversEntry(outer, inner); });
  });
}

bool covers(const ProcessMatcher& wide, const ProcessMatcher& narrow) {
  return coversAny(wide.units, narrow.units) && coversAny(wide.slices, narrow.slices) &&
         coversAny(wide.cgroups, narrow.cgroups) && coversAny(wide.containers, narrow.containers) &&
         coversAny(wide.executables, narrow.executables) &&
         coversAny(wide.digests, narrow.digests) && coversAny(wide.selinux, narrow.selinux) &&
         coversAny(wide.apparmor, narrow.apparmor);
}

bool covers(const Matcher& wide, const Matcher& narrow) {
  const bool same_unmapped = !wide.unmapped || wide.unmapped == narrow.unmapped;
  // What must not hold: the more of it, the narrower.
  const bool less_excluded =
      wide.not_all_of.empty() ||
      (!narrow.not_all_of.empty() && covers(narrow.not_all_of.front(), wide.not_all_of.front()));
  return same_unmapped && less_excluded && covers(wide.process, narrow.process) &&
         coversAny(wide.users, narrow.users) && coversAny(wide.uids, narrow.uids) &&
         coversAny(wide.groups, narrow.groups) && coversAny(wide.gids, narrow.gids) &&
         coversAny(wide.any, narrow.any);
}

/// The matchers of which any suffices; empty when an identity is unknown.
std::vector<const Matcher*> alternatives(const Config& config, const Selector& selector) {
  std::vector<const Matcher*> matchers;
  if (selector.matcher) {
    matchers.push_back(&*selector.matcher);
  }
  for (const std::string& name : selector.identities) {
    const Identity* const identity = findIdentity(config, name);
    if (identity == nullptr) {
      return {};
    }
    matchers.push_back(&identity->matcher);
  }
  return matchers;
}

}  // namespace

bool coversPeers(const Config& config, const Selector& wide, const Selector& narrow) {
  if (wide.anyone || narrow.anyone) {
    return wide.anyone;
  }
  const std::vector<const Matcher*> outer = alternatives(config, wide);
  const std::vector<const Matcher*> inner = alternatives(config, narrow);
  return !inner.empty() && std::all_of(inner.begin(), inner.end(), [&](const Matcher* narrow_one) {
    return std::any_of(outer.begin(), outer.end(),
                       [&](const Matcher* wide_one) { return covers(*wide_one, *narrow_one); });
  });
}

}  // namespace peerpool::config
