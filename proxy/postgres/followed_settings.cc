#include "proxy/postgres/followed_settings.h"

#include <algorithm>

namespace peerpool::postgres {
namespace {

/// Each part of a name between quotes, so that none is a keyword.
std::string quotedName(std::string_view name) {
  std::string result = "\"";
  for (const char letter : name) {
    if (letter == '.') {
      result += "\".\"";
    } else {
      result.append(letter == '"' ? 2 : 1, letter);
    }
  }
  return result.append(1, '"');
}

}  // namespace

void appendSet(std::string& sql, std::string_view name, std::string_view value) {
  sql.append(sql.empty() ? "SET " : "; SET ").append(name).append(" TO ").append(value);
}

const Setting* FollowedSettings::find(std::string_view name) const noexcept {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [name](const Setting& setting) { return setting.name == name; });
  return found == settings_.end() ? nullptr : &*found;
}

void FollowedSettings::apply(const Setting& setting) {
  if (setting.name.empty()) {
    clear();
    return;
  }
  std::erase_if(settings_, [&](const Setting& old) { return old.name == setting.name; });
  if (!setting.value.empty()) {
    settings_.push_back(setting);
  }
}

std::string FollowedSettings::fingerprint() const {
  std::string result;
  for (const Setting& setting : settings_) {
    result.append(setting.name).append(1, '\0').append(setting.value).append(1, '\0');
  }
  return result;
}

void FollowedSettings::appendDifference(std::string& sql, const FollowedSettings& there) const {
  for (const Setting& old : there.settings_) {
    if (find(old.name) == nullptr) {
      appendSet(sql, quotedName(old.name), kDefaultValue);
    }
  }
  for (const Setting& setting : settings_) {
    const Setting* old = there.find(setting.name);
    if (old == nullptr || old->value != setting.value) {
      appendSet(sql, quotedName(setting.name), setting.value);
    }
  }
}

}  // namespace peerpool::postgres
