#include "config/names.h"

#include <algorithm>
#include <array>
#include <vector>

#include "config/not_enforced.h"
#include "config/wording.h"

namespace peerpool::config {
namespace {

constexpr std::size_t kMaxRuleNameLength = 128;
constexpr std::string_view kWordCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

/// Reports unknown and unfinished variables. The number of bytes that are neither variable nor `*`;
/// no value when it reported something. `section` is the one of the table of what is not enforced.
std::optional<std::size_t> checkVariables(const Value& value, std::string_view text,
                                          std::string_view section) {
  const bool of_application = section == "application_name";
  std::vector<std::string_view> known = {"user", "identity", "unit_instance"};
  if (of_application) {
    known.emplace_back("application_name");
  }
  std::size_t literal = 0;
  while (!text.empty()) {
    if (text.substr(0, 2) != "${") {
      literal += text.front() == '*' ? 0U : 1U;
      text.remove_prefix(1);
      continue;
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      value.error("a variable begins with ${ and does not end with }", "write it as ${user}");
      return std::nullopt;
    }
    const std::string_view name = text.substr(2, end - 2);
    if (isNotEnforced(section, name)) {
      value.notEnforced(text.substr(0, end + 1));
      return std::nullopt;
    }
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      value.error("unknown variable ${" + std::string(name) + "}",
                  of_application
                      ? "valid are ${user}, ${identity}, ${unit_instance} and ${application_name}"
                      : "valid are ${user}, ${identity} and ${unit_instance}");
      return std::nullopt;
    }
    text.remove_prefix(end + 1);
  }
  return literal;
}

std::optional<std::string> checkedName(const Value& value, bool may_vary,
                                       std::string_view section) {
  std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  if (!may_vary && text->find("${") != std::string::npos) {
    value.error("a variable is not possible here", "write the name out");
    return std::nullopt;
  }
  const std::optional<std::size_t> length = checkVariables(value, *text, section);
  if (!length) {
    return std::nullopt;
  }
  if (*length > kMaxNameLength) {
    value.error("the name has more than 63 bytes",
                "PostgreSQL would cut it; names end at 63 bytes");
    return std::nullopt;
  }
  for (const std::string_view bare : {"$user", "$identity", "$unit_instance"}) {
    if (text->find(bare) != std::string::npos) {
      value.error("a variable without braces", "write \"${" + std::string(bare.substr(1)) + "}\"");
      return std::nullopt;
    }
  }
  return text;
}

/// A name in which `*` would be taken for a character.
std::optional<std::string> withoutStar(std::optional<std::string> name, const Value& value) {
  if (name && name->find('*') != std::string::npos) {
    value.error("this must be one name, without *", "a * is possible in databases: and roles:");
    return std::nullopt;
  }
  return name;
}

}  // namespace

void checkObjectName(const Value& value, std::string_view name) {
  if (name.size() > kMaxNameLength) {
    value.error("the name has more than 63 bytes", "shorten it");
  } else if (name.find_first_not_of(kWordCharacters) != std::string_view::npos) {
    value.error("the name " + quoted(name) + " is not possible",
                "letters, digits, _ . and - are, as in web-app");
  }
}

std::optional<std::string> ruleName(const Value& value) {
  std::optional<std::string> name = value.text();
  if (!name) {
    return std::nullopt;
  }
  if (*name == "deny" || *name == "default" || *name == kAuditModeRule) {
    value.error("a rule cannot be called " + *name,
                "that word has a meaning of its own in tests and logs");
    return std::nullopt;
  }
  if (name->size() > kMaxRuleNameLength) {
    value.error("the name has more than 128 bytes", "say more in a comment");
    return std::nullopt;
  }
  return name;
}

std::optional<std::string> exactName(const Value& value) {
  return withoutStar(checkedName(value, false, "template"), value);
}

std::optional<std::string> namePattern(const Value& value) {
  return checkedName(value, true, "template");
}

std::optional<std::string> nameTemplate(const Value& value) {
  return withoutStar(checkedName(value, true, "template"), value);
}

std::optional<std::string> applicationName(const Value& value) {
  return withoutStar(checkedName(value, true, "application_name"), value);
}

bool isExact(std::string_view pattern) noexcept {
  return pattern.find('*') == std::string_view::npos &&
         pattern.find("${") == std::string_view::npos;
}

bool covers(std::string_view glob, std::string_view pattern) noexcept {
  // A * or a variable of `pattern` is taken as text: only a * of `glob` can swallow it, or the same
  // variable meet it, and both hold for every name that it stands for.
  std::size_t in_glob = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;
  std::size_t after_star = 0;
  while (in_pattern < pattern.size()) {
    if (in_glob < glob.size() && glob[in_glob] == '*') {
      star = in_glob++;
      after_star = in_pattern;
    } else if (in_glob < glob.size() && glob[in_glob] == pattern[in_pattern]) {
      ++in_glob;
      ++in_pattern;
    } else if (star != std::string_view::npos) {
      in_glob = star + 1;
      in_pattern = ++after_star;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', in_glob) == std::string_view::npos;
}

}  // namespace peerpool::config
