#include "proxy/postgres/parameters.h"

#include <algorithm>

#include "proxy/postgres/client_encoding.h"

namespace peerpool::postgres {
namespace {

constexpr std::size_t kClientEncoding = 0;
constexpr std::size_t kApplicationName = 4;
constexpr std::size_t kMaxNameLength = 63;  // NAMEDATALEN - 1.
constexpr std::array<std::string_view, 2> kUntrackedAllowed = {"extra_float_digits", "search_path"};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

// A literal that means the same whatever standard_conforming_strings is.
std::string quoted(std::string_view value) {
  const bool backslash = value.find('\\') != std::string_view::npos;
  std::string result = backslash ? "E'" : "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') {
      result.push_back(c);
    }
    result.push_back(c);
  }
  result.push_back('\'');
  return result;
}

void addParameter(StartupParameters& sorted, const std::string& name, const std::string& value,
                  const std::vector<std::string>& extra_allowed) {
  const auto tracked = trackedIndex(name);
  if (tracked == kApplicationName) {
    sorted.tracked.set(*tracked, cleanApplicationName(value));
    return;
  }
  if (value.size() > kMaxParameterLength && sorted.too_long.empty()) {
    sorted.too_long = name;
  }
  if (tracked) {
    sorted.tracked.set(*tracked, value);
    return;
  }
  const std::string key = lowered(name);
  const auto same = [&](std::string_view allowed) { return sameIgnoringCase(allowed, key); };
  if (std::any_of(kUntrackedAllowed.begin(), kUntrackedAllowed.end(), same) ||
      std::any_of(extra_allowed.begin(), extra_allowed.end(), same)) {
    sorted.untracked[key] = value;
  } else if (sorted.refused.empty()) {
    sorted.refused = name;
  }
}

}  // namespace

WantedParameters::Value* WantedParameters::at(std::size_t tracked_index) noexcept {
  const auto found = std::find_if(values_.begin(), values_.end(), [&](const Value& value) {
    return value.index == tracked_index && value.origin != Origin::Former;
  });
  return found == values_.end() ? nullptr : &*found;
}

void WantedParameters::add(std::size_t tracked_index, std::string text, Origin origin) {
  const auto before = [tracked_index](const Value& value) { return value.index < tracked_index; };
  const auto place = std::find_if_not(values_.begin(), values_.end(), before);
  values_.insert(place, {std::move(text), static_cast<std::uint8_t>(tracked_index), origin});
}

void WantedParameters::set(std::size_t tracked_index, std::string value) {
  if (Value* old = at(tracked_index)) {
    old->text = std::move(value);
  } else {
    add(tracked_index, std::move(value), Origin::Startup);
  }
}

void WantedParameters::change(std::size_t tracked_index, std::string value) {
  Value* old = at(tracked_index);
  if (old != nullptr && (old->origin != Origin::Startup || old->text == value)) {
    old->text = std::move(value);
    return;
  }
  if (old != nullptr) {
    old->origin = Origin::Former;
  }
  add(tracked_index, std::move(value), Origin::Changed);
}

void WantedParameters::startOver(std::size_t tracked_index) {
  std::erase_if(values_, [&](const Value& value) {
    return value.index == tracked_index && value.origin == Origin::Changed;
  });
  for (Value& value : values_) {
    if (value.index == tracked_index) {
      value.origin = Origin::Startup;
    }
  }
}

const std::string* WantedParameters::find(std::size_t tracked_index) const noexcept {
  const auto found = std::find_if(values_.begin(), values_.end(), [&](const Value& value) {
    return value.index == tracked_index && value.origin != Origin::Former;
  });
  return found == values_.end() ? nullptr : &found->text;
}

const std::string* WantedParameters::findStartup(std::size_t tracked_index) const noexcept {
  const auto found = std::find_if(values_.begin(), values_.end(), [&](const Value& value) {
    return value.index == tracked_index && value.origin != Origin::Changed;
  });
  return found == values_.end() ? nullptr : &found->text;
}

std::string WantedParameters::fingerprint() const {
  std::string result;
  for (const Value& value : values_) {
    if (value.index != kApplicationName && value.origin != Origin::Former) {
      result += static_cast<char>('0' + value.index);
      result += value.text;
      result += '\0';
    }
  }
  return result.append(followed_.fingerprint());
}

bool ServerParameters::report(std::string_view name, std::string_view value) {
  if (name.empty() || name.size() + value.size() > kMaxLength) {
    return false;
  }
  values_[std::string(name)] = std::string(value);
  if (const auto index = trackedIndex(name)) {
    tracked_[*index] = std::string(value);
  }
  if (name == "standard_conforming_strings") {
    conforming_ = value == "on";
  } else if (name == kTrackedParameters[kClientEncoding]) {
    reads_by_bytes_ = readsByBytes(value);
  }
  return values_.size() <= kMaxCount;
}

const std::string* ServerParameters::find(std::string_view name) const noexcept {
  for (const auto& [known, value] : values_) {
    if (sameIgnoringCase(known, name)) {
      return &value;
    }
  }
  return nullptr;
}

bool ServerParameters::superuser() const noexcept {
  const std::string* value = find("is_superuser");
  return value != nullptr && *value == "on";
}

void ServerParameters::rememberDefault(std::string_view name) {
  if (const auto index = trackedIndex(name)) {
    defaults_[*index] = tracked_[*index];
  }
}

std::string makeSetStatement(const WantedParameters& wanted, const ServerParameters& server,
                             bool reset) {
  std::string result;
  for (std::size_t index = 0; index < kTrackedParameters.size(); ++index) {
    const std::string_view name = kTrackedParameters[index];
    const std::string* value = wanted.find(index);
    // What a reset leads back to changes when PostgreSQL reloads its configuration.
    const std::string* current = reset ? nullptr : server.findTracked(index);
    if (value != nullptr && (current == nullptr || *current != *value)) {
      appendSet(result, name, quoted(*value));
    }
    const std::string* usual = server.findDefault(index);
    if (value == nullptr && current != nullptr && usual != nullptr && *current != *usual) {
      appendSet(result, name, kDefaultValue);
    }
  }
  wanted.followed().appendDifference(result, reset ? FollowedSettings() : server.followed());
  return result;
}

StartupParameters sortStartupParameters(const std::vector<wire::Parameter>& parameters,
                                        const std::vector<std::string>& extra_allowed) {
  StartupParameters sorted;
  // PostgreSQL applies options first, so that parameters of their own win over it.
  for (const auto& [name, value] : parameters) {
    if (name == "options") {
      const auto options = wire::parseOptions(value);
      if (!options) {
        sorted.refused = "options";
        return sorted;
      }
      for (const auto& [option, setting] : *options) {
        addParameter(sorted, option, setting, extra_allowed);
      }
    }
  }
  for (const auto& [name, value] : parameters) {
    if (name != "options" && name != "user" && name != "database" && name != "replication") {
      addParameter(sorted, name, value, extra_allowed);
    }
  }
  return sorted;
}

std::string cleanApplicationName(std::string_view name) {
  std::string result(name.substr(0, kMaxNameLength));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

}  // namespace peerpool::postgres
