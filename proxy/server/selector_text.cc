#include "proxy/server/selector_text.h"

#include <vector>

#include "config/units.h"
#include "proxy/observe/escape.h"

namespace peerpool::server {
namespace {

std::string textOf(const config::AccountName& account) {
  return account.number ? std::to_string(*account.number) : account.name;
}

std::string textOf(const config::IdRange& range) { return config::printIdRange(range); }

std::string textOf(const config::TextPattern& pattern) { return pattern.text; }

std::string textOf(config::ContainerKind kind) {
  switch (kind) {
    case config::ContainerKind::None:
      return "none";
    case config::ContainerKind::Any:
      return "any";
    case config::ContainerKind::Docker:
      return "docker";
    case config::ContainerKind::Podman:
      return "podman";
  }
  return {};
}

std::string textOf(const config::Matcher& matcher);

/// "key: a" or "key: [a, b]", behind a comma; nothing when there are no entries.
template <typename Entry>
void add(std::string& text, const char* key, const std::vector<Entry>& entries) {
  if (entries.empty()) {
    return;
  }
  text += (text.empty() ? "" : ", ") + std::string(key) + ": ";
  std::string list;
  for (const Entry& entry : entries) {
    list += (list.empty() ? "" : ", ") + textOf(entry);
  }
  text += entries.size() == 1 ? list : '[' + list + ']';
}

std::string textOf(const config::Matcher& matcher) {
  std::string text;
  add(text, "user", matcher.users);
  add(text, "uid", matcher.uids);
  add(text, "group", matcher.groups);
  add(text, "gid", matcher.gids);
  if (matcher.unmapped) {
    text += std::string(text.empty() ? "" : ", ") +
            "unmapped: " + (*matcher.unmapped ? "true" : "false");
  }
  add(text, "systemd_unit", matcher.process.units);
  add(text, "slice", matcher.process.slices);
  add(text, "cgroup", matcher.process.cgroups);
  add(text, "container", matcher.process.containers);
  add(text, "exe", matcher.process.executables);
  add(text, "exe_sha256", matcher.process.digests);
  add(text, "selinux", matcher.process.selinux);
  add(text, "apparmor", matcher.process.apparmor);
  add(text, "any", matcher.any);
  add(text, "not", matcher.not_all_of);
  return "{ " + text + " }";
}

}  // namespace

std::string selectorText(const config::Config& config, const config::Selector& selector) {
  std::string text = selector.anyone ? "anyone" : "";
  for (const std::string& name : selector.identities) {
    const config::Identity* const identity = config::findIdentity(config, name);
    text += (text.empty() ? "" : ", ") + std::string("identity ") + name;
    text += identity == nullptr ? "" : ' ' + textOf(identity->matcher);
  }
  if (selector.matcher) {
    text += (text.empty() ? "" : ", ") + textOf(*selector.matcher);
  }
  return observe::printable(text);
}

}  // namespace peerpool::server
