#include "config/read_peers.h"

#include <string>
#include <utility>

#include "config/map_reader.h"
#include "config/names.h"
#include "config/read_process_keys.h"

namespace peerpool::config {
namespace {

constexpr std::string_view kAnyone = "anyone";

std::optional<std::string> readIdentityName(const Value& value) {
  if (value.isMap()) {
    value.error("a list here holds names of identities only",
                "give these conditions a name under identities:, or use any:");
    return std::nullopt;
  }
  std::optional<std::string> name = value.text();
  if (name && *name == kAnyone) {
    value.error("anyone is no identity; it cannot stand in a list", "write it alone");
    return std::nullopt;
  }
  return name;
}

bool hasCondition(const Matcher& matcher) {
  return !matcher.users.empty() || !matcher.uids.empty() || !matcher.groups.empty() ||
         !matcher.gids.empty() || matcher.unmapped || !matcher.any.empty() ||
         !matcher.not_all_of.empty() || !matcher.process.empty();
}

}  // namespace

std::optional<Matcher> readMatcher(const Value& value) {
  MapReader map(value, "matcher");
  Matcher matcher;
  matcher.where = value.where();
  map.readAnyOf("user", matcher.users, &Value::account);
  map.readAnyOf("uid", matcher.uids, &Value::idRange);
  map.readAnyOf("group", matcher.groups, &Value::account);
  map.readAnyOf("gid", matcher.gids, &Value::idRange);
  readProcessKeys(map, matcher.process);
  bool unmapped = false;
  if (map.read("unmapped", unmapped, &Value::boolean)) {
    matcher.unmapped = unmapped;
  }
  map.readAnyOf("any", matcher.any, readMatcher);
  Matcher inverted;
  if (map.read("not", inverted, readMatcher)) {
    matcher.not_all_of.push_back(std::move(inverted));
  }
  map.finish();
  if (!map.good()) {
    return std::nullopt;
  }
  if (!hasCondition(matcher) &&
      !value.reading().out.hasErrorsWithin(value.where().file, value.path())) {
    value.error("there is no condition here, so it would fit everybody",
                "name a user or a group, or write anyone where peers are selected");
    return std::nullopt;
  }
  return matcher;
}

std::optional<Selector> readSelector(const Value& value) {
  Selector selector;
  selector.where = value.where();
  if (value.isMap()) {
    selector.matcher = readMatcher(value);
    return selector.matcher ? std::optional<Selector>(std::move(selector)) : std::nullopt;
  }
  if (value.isList()) {
    selector.identities = collect(value.oneOrMore(), readIdentityName);
    return selector;
  }
  const std::optional<std::string> name = value.text();
  if (!name) {
    return std::nullopt;
  }
  selector.anyone = *name == kAnyone;
  if (!selector.anyone) {
    selector.identities.push_back(*name);
  }
  return selector;
}

void readIdentities(const Value& value, std::vector<Identity>& identities) {
  for (const auto& [name, entry] : value.named()) {
    checkObjectName(entry, name);
    if (name == kAnyone) {
      entry.error("an identity cannot be called anyone", "that word stands for every peer");
    }
    Identity identity;
    identity.name = name;
    if (std::optional<Matcher> matcher = readMatcher(entry)) {
      identity.matcher = *std::move(matcher);
    }
    identity.matcher.where = entry.where();
    identities.push_back(std::move(identity));
  }
}

}  // namespace peerpool::config
