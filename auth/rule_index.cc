#include "auth/rule_index.h"

namespace peerpool::auth {

void RuleIndex::add(const std::vector<Rule>& rules, const std::set<std::string>& listeners,
                    bool guards) {
  for (const Rule& rule : rules) {
    if (rule.source().listeners.empty() && rule.appliesTo({})) {
      elsewhere_.push_back({rule.uids(), &rule, guards});
    }
  }
  for (const std::string& listener : listeners) {
    std::vector<Entry>& entries = entries_[listener];
    for (const Rule& rule : rules) {
      if (rule.appliesTo(listener)) {
        entries.push_back({rule.uids(), &rule, guards});
      }
    }
  }
}

const std::vector<RuleIndex::Entry>& RuleIndex::of(std::string_view listener) const noexcept {
  const auto found = entries_.find(listener);
  return found == entries_.end() ? elsewhere_ : found->second;
}

}  // namespace peerpool::auth
