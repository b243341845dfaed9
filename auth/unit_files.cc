#include "auth/unit_files.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

/// systemd.unit(5), Table 1.
constexpr std::array kDirectories = {
    "/etc/systemd/system.control/", "/run/systemd/system.control/",
    "/run/systemd/transient/",      "/run/systemd/generator.early/",
    "/etc/systemd/system/",         "/etc/systemd/system.attached/",
    "/run/systemd/system/",         "/run/systemd/system.attached/",
    "/run/systemd/generator/",      "/usr/local/lib/systemd/system/",
    "/usr/lib/systemd/system/",     "/lib/systemd/system/",
    "/run/systemd/generator.late/"};

constexpr std::string_view kService = ".service";

bool isThere(const FileFacts& files, const std::string& path) {
  const Result<std::optional<PathFacts>> found = files.look(path);
  return !found || found->has_value();  // What cannot be found out is no reason for a warning.
}

bool isKnown(const FileFacts& files, const std::string& unit) {
  return std::any_of(kDirectories.begin(), kDirectories.end(),
                     [&](const char* directory) { return isThere(files, directory + unit); });
}

/// "web@a.service" comes from "web@.service" where it has no file of its own.
std::string templateOf(const std::string& unit) {
  const std::size_t at = unit.find('@');
  return at == std::string::npos ? unit : unit.substr(0, at + 1) + std::string(kService);
}

bool isService(const std::string& unit) {
  return unit.size() > kService.size() && unit.ends_with(kService) &&
         unit.find('*') == std::string::npos;
}

void check(const config::Matcher& matcher, const std::string& path, const FileFacts& files,
           config::Diagnostics& out) {
  for (const config::TextPattern& unit : matcher.process.units) {
    if (isService(unit.text) && !isKnown(files, unit.text) &&
        !isKnown(files, templateOf(unit.text))) {
      out.warning(unit.where, path, "systemd has no unit file for " + quoted(unit.text) + " here",
                  "systemctl list-unit-files shows those that it has");
    }
  }
  for (const auto* list : {&matcher.any, &matcher.not_all_of}) {
    for (const config::Matcher& inner : *list) {
      check(inner, path, files, out);
    }
  }
}

}  // namespace

void checkUnitFiles(const config::Config& config, const FileFacts& files,
                    config::Diagnostics& out) {
  const Result<std::optional<PathFacts>> booted = files.look("/run/systemd/system");
  if (!booted || !*booted) {
    return;
  }
  for (const config::Identity& identity : config.identities) {
    check(identity.matcher, "identities." + identity.name, files, out);
  }
  for (const auto& [key, rules] : {std::pair("never", &config.never), {"rules", &config.rules}}) {
    for (std::size_t i = 0; i < rules->size(); ++i) {
      if (const auto& matcher = (*rules)[i].who.matcher) {
        check(*matcher, std::string(key) + '[' + std::to_string(i) + ']', files, out);
      }
    }
  }
}

}  // namespace peerpool::auth
