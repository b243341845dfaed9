#include "config/map_reader.h"

#include <algorithm>

#include "config/not_enforced.h"
#include "config/wording.h"
#include "config/yaml_text.h"

namespace peerpool::config {

MapReader::MapReader(const Value& value, std::string_view section)
    : value_(value), section_(section), good_(value.isMap()) {
  if (!good_) {
    const std::string_view key = keyWithoutSpace(value.node_->text);
    value_.expected("a map of keys",
                    key.empty() ? "" : "a space is missing after " + std::string(key));
  }
}

std::optional<Value> MapReader::find(std::string_view key) {
  known_.push_back(key);
  if (!good_) {
    return std::nullopt;
  }
  for (const YamlNode& child : value_.node_->children) {
    if (child.key == key) {
      return Value(child, childPath(value_.path(), key), section_, key, value_.reading());
    }
  }
  return std::nullopt;
}

std::optional<Value> MapReader::require(std::string_view key, std::string hint) {
  std::optional<Value> found = find(key);
  if (!found && good_ && !isMisspelt(key)) {
    value_.error(std::string(key) + " is missing", std::move(hint));
  }
  return found;
}

bool MapReader::isMisspelt(std::string_view key) const {
  const std::vector<YamlNode>& children = value_.node_->children;
  return std::any_of(children.begin(), children.end(),
                     [&](const YamlNode& child) { return nearest(child.key, {key}) == key; });
}

void MapReader::finish() const {
  if (!good_) {
    return;
  }
  for (const YamlNode& child : value_.node_->children) {
    if (std::find(known_.begin(), known_.end(), child.key) != known_.end()) {
      continue;
    }
    const std::string path = childPath(value_.path(), child.key);
    Diagnostics& out = value_.reading().out;
    if (isNotEnforced(section_, child.key)) {
      out.error(child.key_where, path, child.key + " is not enforced by this version of peerpool",
                "take it out");
      continue;
    }
    const std::string_view no_space = keyWithoutSpace(child.key);
    const std::string hint = no_space.empty() ? suggest(child.key, known_, "valid here")
                                              : "a space is missing after " + std::string(no_space);
    out.error(child.key_where, path, "unknown key " + quoted(child.key), hint);
  }
}

}  // namespace peerpool::config
