// Reads the keys of one map, each by name and once, then complains about those that nobody asked
// for.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/value.h"

namespace peerpool::config {

/// Ask for every key that is valid, whether it is there or not, then finish().
class MapReader {
 public:
  /// `section` names the kind of map ("listener", "rule"). What is no map is reported, then reads
  /// like an empty one.
  MapReader(const Value& value, std::string_view section);

  /// Is it a map, or was it reported?
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] const Value& value() const noexcept { return value_; }

  /// No value: the key is not there. `key` must be a literal.
  [[nodiscard]] std::optional<Value> find(std::string_view key);
  /// The same, and its absence is an error, unless there is a misspelt one: finish() reports that.
  [[nodiscard]] std::optional<Value> require(std::string_view key, std::string hint = "");

  /// Sets `setting` from the key if it is there and good. `convert` takes a Value and returns an
  /// optional, as the members of Value do. True: it was set.
  template <typename T, typename Convert>
  bool read(std::string_view key, T& setting, Convert convert);

  /// The same for one value or a list of at least one; `convert` takes each element.
  template <typename T, typename Convert>
  bool readAnyOf(std::string_view key, std::vector<T>& setting, Convert convert);

  /// Reports unknown keys, with the nearest valid one, and those that are not enforced.
  void finish() const;

 private:
  [[nodiscard]] bool isMisspelt(std::string_view key) const;

  Value value_;
  std::string_view section_;
  bool good_;
  std::vector<std::string_view> known_;
};

template <typename T, typename Convert>
bool MapReader::read(std::string_view key, T& setting, Convert convert) {
  const std::optional<Value> found = find(key);
  if (!found) {
    return false;
  }
  auto converted = std::invoke(convert, *found);
  if (!converted) {
    return false;
  }
  setting = *std::move(converted);
  return true;
}

template <typename T, typename Convert>
bool MapReader::readAnyOf(std::string_view key, std::vector<T>& setting, Convert convert) {
  const std::optional<Value> found = find(key);
  if (!found) {
    return false;
  }
  setting = collect(found->oneOrMore(), convert);
  return true;
}

}  // namespace peerpool::config
