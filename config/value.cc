#include "config/value.h"

#include <algorithm>

#include "config/not_enforced.h"
#include "config/units.h"
#include "config/wording.h"
#include "config/yaml_text.h"

namespace peerpool::config {
namespace {

std::string_view describeKind(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::Null:
      return "nothing";
    case YamlNode::Kind::Plain:
    case YamlNode::Kind::Quoted:
      return "text";
    case YamlNode::Kind::List:
      return "a list";
    case YamlNode::Kind::Map:
      return "a map";
    case YamlNode::Kind::Refused:
      break;
  }
  return "";
}

bool isDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Value::Value(const YamlNode& node, std::string path, std::string_view section, std::string_view key,
             Reading& reading)
    : node_(&node), path_(std::move(path)), section_(section), key_(key), reading_(&reading) {
  reading_->places.add(where(), path_);
}

const Location& Value::where() const noexcept {
  // yaml-cpp puts a missing value where the next key begins.
  return node_->kind == YamlNode::Kind::Null && !node_->key.empty() ? node_->key_where
                                                                    : node_->where;
}

void Value::error(std::string message, std::string hint) const {
  reading_->out.error(where(), path_, std::move(message), std::move(hint));
}

void Value::expected(std::string_view what, std::string hint) const {
  if (node_->kind == YamlNode::Kind::Refused) {
    return;
  }
  const bool is_text =
      node_->kind == YamlNode::Kind::Plain || node_->kind == YamlNode::Kind::Quoted;
  if (hint.empty()) {
    hint = node_->kind == YamlNode::Kind::Null ? "write a value, or leave the key out"
                                               : "write " + std::string(what);
  }
  error("expected " + std::string(what) + ", found " +
            (is_text ? quoted(node_->text) : std::string(describeKind(*node_))),
        std::move(hint));
}

void Value::notEnforced(std::string_view what) const {
  error(std::string(what) + " is not enforced by this version of peerpool", "take it out");
}

bool Value::refusedAsNotEnforced(std::string_view value) const {
  if (!isNotEnforced(section_, key_, value)) {
    return false;
  }
  notEnforced(std::string(key_) + ": " + std::string(value));
  return true;
}

std::optional<std::string_view> Value::scalar(std::string_view expected_text) const {
  if (node_->kind == YamlNode::Kind::Plain || node_->kind == YamlNode::Kind::Quoted) {
    return node_->text;
  }
  expected(expected_text);
  return std::nullopt;
}

std::optional<std::string> Value::text() const {
  if (node_->kind == YamlNode::Kind::Quoted && node_->text.empty()) {
    error("the text is empty", "write a value, or leave the key out");
    return std::nullopt;
  }
  const std::optional<std::string_view> found = scalar("one line of text");
  return found ? std::optional<std::string>(*found) : std::nullopt;
}

std::optional<bool> Value::boolean() const {
  if (node_->kind == YamlNode::Kind::Plain && (node_->text == "true" || node_->text == "false")) {
    return node_->text == "true";
  }
  expected("true or false", node_->kind == YamlNode::Kind::Quoted
                                ? "write it without quotes"
                                : "yes, no, on and off are not booleans here");
  return std::nullopt;
}

std::optional<std::size_t> Value::number(std::size_t least, std::size_t most) const {
  const std::string what =
      least == most ? std::to_string(least)
                    : "a number from " + std::to_string(least) + " to " + std::to_string(most);
  const bool plain = node_->kind == YamlNode::Kind::Plain;
  const auto parsed = plain ? parseNumber(node_->text, most) : std::nullopt;
  if (parsed && *parsed >= least) {
    return *parsed;
  }
  const bool leading_zero =
      plain && isDigits(node_->text) && node_->text.size() > 1 && node_->text.front() == '0';
  expected(what, node_->kind == YamlNode::Kind::Quoted ? "write it without quotes"
                 : leading_zero                        ? "write it without leading zeros"
                                                       : "");
  return std::nullopt;
}

std::optional<Duration> Value::duration() const {
  return durationCalled("a duration from 1ms to " + printDuration(kLongestDuration));
}

std::optional<Duration> Value::durationOrOff() const {
  if (node_->kind == YamlNode::Kind::Plain && node_->text == "0s") {
    return Duration::zero();
  }
  return durationCalled("a duration from 1ms to " + printDuration(kLongestDuration) +
                        ", or 0s for off");
}

std::optional<Duration> Value::durationCalled(const std::string& what) const {
  const std::optional<std::string_view> found = scalar(what);
  if (!found) {
    return std::nullopt;
  }
  const std::optional<Duration> parsed = parseDuration(*found);
  if (!parsed) {
    const bool bare = isDigits(*found) && *found != "0";
    expected(what, bare ? "a unit is missing: " + std::string(*found) + "s or " +
                              std::string(*found) + "ms?"
                        : "write it as 250ms, 5s, 10m, 1h or 1d");
  }
  return parsed;
}

std::optional<Rate> Value::rate() const {
  const std::string what = "a rate as 100/s, 100/m or 100/h";
  const std::optional<std::string_view> found = scalar(what);
  if (!found) {
    return std::nullopt;
  }
  const std::optional<Rate> parsed = parseRate(*found);
  if (!parsed) {
    const bool bare = isDigits(*found) && *found != "0";
    expected(what, bare ? "a unit is missing: " + std::string(*found) + "/s?" : "");
  }
  return parsed;
}

std::optional<mode_t> Value::mode() const {
  constexpr std::string_view kWhat = "an octal mode in quotes";
  const std::optional<std::string_view> found = scalar(kWhat);
  if (!found) {
    return std::nullopt;
  }
  const std::optional<mode_t> parsed = parseMode(*found);
  if (node_->kind == YamlNode::Kind::Plain) {
    // YAML readers disagree on 0660: 432 for some, 660 for others.
    expected(kWhat, "quote it: \"" + (parsed ? printMode(*parsed) : "0660") + '"');
    return std::nullopt;
  }
  if (!parsed) {
    expected(kWhat, "write three or four octal digits, as in \"0660\"");
  }
  return parsed;
}

std::optional<IdRange> Value::idRange() const {
  constexpr std::string_view kWhat = "a number or a range of numbers a-b, up to 4294967294";
  const std::optional<std::string_view> found = scalar(kWhat);
  if (!found) {
    return std::nullopt;
  }
  const std::optional<IdRange> parsed = parseIdRange(*found);
  if (!parsed) {
    const bool name = found->find_first_of("0123456789-") != 0;
    expected(kWhat, name ? "names go under user: or group:" : "write it as 1000 or 20000-20099");
  }
  return parsed;
}

std::optional<AccountName> Value::account() const {
  const std::optional<std::string> name = text();
  if (!name) {
    return std::nullopt;
  }
  if (isDigits(*name)) {
    const std::optional<IdRange> id = parseIdRange(*name);
    if (!id) {
      expected("a name or a number up to 4294967294");
      return std::nullopt;
    }
    return AccountName{"", id->first, where()};
  }
  if (name->find_first_of(" :/") != std::string::npos || name->front() == '-') {
    const std::string_view key = keyWithoutSpace(*name);
    expected("the name of an account or a group",
             key.empty() ? "names hold no spaces, colons and slashes"
                         : "a space is missing after " + std::string(key));
    return std::nullopt;
  }
  return AccountName{*name, std::nullopt, where()};
}

std::optional<std::size_t> Value::wordIndex(const std::vector<std::string_view>& words) const {
  const std::optional<std::string_view> found = scalar(oneOf(words));
  if (!found || refusedAsNotEnforced(*found)) {
    return std::nullopt;
  }
  const auto match = std::find(words.begin(), words.end(), *found);
  if (match != words.end()) {
    return static_cast<std::size_t>(match - words.begin());
  }
  const std::string_view near = nearest(*found, words);
  expected(oneOf(words), near.empty() ? "" : "did you mean " + std::string(near) + "?");
  return std::nullopt;
}

Value Value::element(std::size_t index) const {
  return {node_->children[index], childPath(path_, index), section_, key_, *reading_};
}

std::vector<Value> Value::oneOrMore() const {
  if (!isList()) {
    return {*this};
  }
  if (node_->children.empty()) {
    error("the list is empty", "name at least one");
  }
  return list();
}

std::vector<Value> Value::list() const {
  std::vector<Value> elements;
  if (!isList()) {
    expected("a list");
    return elements;
  }
  for (std::size_t i = 0; i < node_->children.size(); ++i) {
    elements.push_back(element(i));
  }
  return elements;
}

std::vector<std::pair<std::string, Value>> Value::named() const {
  std::vector<std::pair<std::string, Value>> entries;
  if (!isMap()) {
    const std::string_view key = keyWithoutSpace(node_->text);
    expected("a map", key.empty() ? "" : "a space is missing after " + std::string(key));
    return entries;
  }
  for (const YamlNode& child : node_->children) {
    entries.emplace_back(child.key,
                         Value(child, childPath(path_, child.key), section_, key_, *reading_));
  }
  return entries;
}

}  // namespace peerpool::config
