#include "config/check_peers.h"

#include <algorithm>
#include <string>
#include <vector>

#include "config/wording.h"

namespace peerpool::config {
namespace {

std::string rangeText(const IdRange& range) {
  return range.first == range.last ? std::to_string(range.first)
                                   : std::to_string(range.first) + '-' + std::to_string(range.last);
}

void checkRanges(const Validation& validation, const std::vector<IdRange>& ranges,
                 const std::string& key, const Location& where) {
  for (std::size_t later = 1; later < ranges.size(); ++later) {
    const auto earlier =
        std::find_if(ranges.begin(), ranges.begin() + static_cast<std::ptrdiff_t>(later),
                     [&](const IdRange& one) {
                       return one.first <= ranges[later].last && ranges[later].first <= one.last;
                     });
    if (earlier != ranges.begin() + static_cast<std::ptrdiff_t>(later)) {
      validation.warning(where, key, rangeText(ranges[later]) + " overlaps " + rangeText(*earlier),
                         "say each number once");
    }
  }
}

void checkMatcher(const Validation& validation, const Matcher& matcher) {
  checkRanges(validation, matcher.uids, "uid", matcher.where);
  checkRanges(validation, matcher.gids, "gid", matcher.where);
  for (const auto* list : {&matcher.any, &matcher.not_all_of}) {
    for (const Matcher& inner : *list) {
      checkMatcher(validation, inner);
    }
  }
}

/// Peers must be in a container, or must not be: what `container:` and a listener may both demand.
struct Demand {
  bool inside = false;
  bool outside = false;
};

Demand demandOf(const Matcher& matcher) {
  const std::vector<ContainerKind>& kinds = matcher.process.containers;
  const auto isNone = [](ContainerKind kind) { return kind == ContainerKind::None; };
  return {!kinds.empty() && std::none_of(kinds.begin(), kinds.end(), isNone),
          !kinds.empty() && std::all_of(kinds.begin(), kinds.end(), isNone)};
}

/// Of everybody whom the selector means.
Demand demandOf(const Config& config, const Selector& who) {
  std::vector<Demand> demands;
  for (const std::string& name : who.identities) {
    const Identity* const identity = findIdentity(config, name);
    demands.push_back(identity == nullptr ? Demand{} : demandOf(identity->matcher));
  }
  if (who.matcher) {
    demands.push_back(demandOf(*who.matcher));
  }
  const auto all = [&](bool Demand::*member) {
    return !who.anyone && !demands.empty() &&
           std::all_of(demands.begin(), demands.end(),
                       [&](const Demand& demand) { return demand.*member; });
  };
  return {all(&Demand::inside), all(&Demand::outside)};
}

void checkContainers(const Validation& validation, const PolicyRule& rule) {
  const Demand demand = demandOf(validation.config(), rule.who);
  for (const std::string& name : rule.listeners) {
    const Listener* const listener = findListener(validation.config(), name);
    if (listener == nullptr) {
      continue;
    }
    if (demand.inside && listener->containers == Containers::Deny) {
      validation.error(rule.where, "",
                       "it asks for peers in containers, and the listener " + quoted(name) +
                           " denies all of them",
                       "containers: allow or only at the listener");
    } else if (demand.outside && listener->containers == Containers::Only) {
      validation.error(rule.where, "",
                       "it asks for peers outside of containers, and the listener " + quoted(name) +
                           " lets in only those inside",
                       "containers: allow at the listener");
    }
  }
}

}  // namespace

void checkPeers(const Validation& validation) {
  const Config& config = validation.config();
  for (const Identity& identity : config.identities) {
    checkMatcher(validation, identity.matcher);
  }
  for (const auto* rules : {&config.never, &config.rules}) {
    for (const PolicyRule& rule : *rules) {
      if (rule.who.matcher) {
        checkMatcher(validation, *rule.who.matcher);
      }
    }
  }
  for (const PolicyRule& rule : config.rules) {
    if (rule.effect == Effect::Allow) {
      checkContainers(validation, rule);
    }
  }
}

}  // namespace peerpool::config
