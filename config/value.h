// One value of the file on its way to a typed one, with its key path and place. Every conversion
// reports what is wrong and returns no value; the caller goes on, so that one run shows all.

#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/diagnostics.h"
#include "config/model.h"
#include "config/places.h"
#include "config/words.h"
#include "config/yaml_reader.h"

namespace peerpool::config {

/// Where reading puts what it finds; outlives all Values.
struct Reading {
  Diagnostics& out;
  Places& places;
};

/// A view: the node and the Reading must outlive it.
class Value {
 public:
  /// `section` and `key` say which setting it is, for the table of what is not enforced.
  Value(const YamlNode& node, std::string path, std::string_view section, std::string_view key,
        Reading& reading);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Of the value; of the key when there is no value.
  [[nodiscard]] const Location& where() const noexcept;
  [[nodiscard]] bool isMap() const noexcept { return node_->kind == YamlNode::Kind::Map; }
  [[nodiscard]] bool isList() const noexcept { return node_->kind == YamlNode::Kind::List; }
  [[nodiscard]] Reading& reading() const noexcept { return *reading_; }

  void error(std::string message, std::string hint = "") const;
  /// "KEY is not enforced by this version of peerpool".
  void notEnforced(std::string_view what) const;
  /// Says so and returns true when the table has this value of this setting.
  [[nodiscard]] bool refusedAsNotEnforced(std::string_view value) const;

  /// Any text, not empty.
  [[nodiscard]] std::optional<std::string> text() const;
  /// Only true and false, without quotes.
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::size_t> number(std::size_t least, std::size_t most) const;
  [[nodiscard]] std::optional<Duration> duration() const;
  /// The same, or "0s", which is zero.
  [[nodiscard]] std::optional<Duration> durationOrOff() const;
  [[nodiscard]] std::optional<Rate> rate() const;
  /// Only in quotes.
  [[nodiscard]] std::optional<mode_t> mode() const;
  [[nodiscard]] std::optional<IdRange> idRange() const;
  /// A number or a name of an account or a group.
  [[nodiscard]] std::optional<AccountName> account() const;
  template <typename T, std::size_t kCount>
  [[nodiscard]] std::optional<T> word(const std::array<Word<T>, kCount>& words) const;

  /// The elements of a list, or the value alone: "a list means any of". An empty list is an error.
  [[nodiscard]] std::vector<Value> oneOrMore() const;
  /// The elements of what must be a list; may be empty.
  [[nodiscard]] std::vector<Value> list() const;
  /// The values of what must be a map, with their keys; for maps whose keys are names.
  [[nodiscard]] std::vector<std::pair<std::string, Value>> named() const;

 private:
  friend class MapReader;
  [[nodiscard]] std::optional<std::size_t> wordIndex(
      const std::vector<std::string_view>& words) const;
  /// The text of either kind; says what was expected when it is neither.
  [[nodiscard]] std::optional<std::string_view> scalar(std::string_view expected_text) const;
  [[nodiscard]] std::optional<Duration> durationCalled(const std::string& what) const;
  [[nodiscard]] Value element(std::size_t index) const;
  void expected(std::string_view what, std::string hint = "") const;

  const YamlNode* node_;
  std::string path_;
  std::string_view section_;
  std::string_view key_;
  Reading* reading_;
};

template <typename T, std::size_t kCount>
std::optional<T> Value::word(const std::array<Word<T>, kCount>& words) const {
  std::vector<std::string_view> texts;
  texts.reserve(kCount);
  for (const Word<T>& word : words) {
    texts.push_back(word.text);
  }
  const std::optional<std::size_t> index = wordIndex(texts);
  return index ? std::optional<T>(words.at(*index).meaning) : std::nullopt;
}

/// What `convert` makes of each value; those that it reported are left out.
template <typename Convert>
[[nodiscard]] auto collect(const std::vector<Value>& values, Convert convert) {
  std::vector<typename std::invoke_result_t<Convert, const Value&>::value_type> results;
  for (const Value& value : values) {
    if (auto converted = std::invoke(convert, value)) {
      results.push_back(*std::move(converted));
    }
  }
  return results;
}

}  // namespace peerpool::config
