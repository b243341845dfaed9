#include "config/read_process_keys.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "config/paths.h"

namespace peerpool::config {
namespace {

constexpr std::size_t kDigestLength = 64;
constexpr std::array kUnitSuffixes = {std::string_view(".service"), std::string_view(".scope"),
                                      std::string_view(".socket"), std::string_view(".mount"),
                                      std::string_view(".swap")};
constexpr std::array kContainers = {
    Word<ContainerKind>{"none", ContainerKind::None},
    Word<ContainerKind>{"any", ContainerKind::Any},
    Word<ContainerKind>{"docker", ContainerKind::Docker},
    Word<ContainerKind>{"podman", ContainerKind::Podman},
};

bool endsWith(std::string_view text, std::string_view suffix) {
  return text.size() > suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

std::optional<TextPattern> patternAt(const Value& value, std::optional<std::string> text) {
  return text ? std::optional(TextPattern{*std::move(text), value.where()}) : std::nullopt;
}

std::optional<TextPattern> readText(const Value& value) { return patternAt(value, value.text()); }

/// A * may only stand for an instance: everybody who may start a unit chooses its name's beginning.
std::optional<TextPattern> readUnit(const Value& value) {
  std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  if (std::none_of(kUnitSuffixes.begin(), kUnitSuffixes.end(),
                   [&](std::string_view suffix) { return endsWith(*text, suffix); })) {
    const bool bare = text->find('.') == std::string::npos;
    value.error("this is not the name of a unit that has processes",
                bare ? "did you mean " + *text + ".service?"
                     : "names end with .service, .scope, .socket, .mount or .swap; a slice has a "
                       "key of its own");
    return std::nullopt;
  }
  const std::size_t star = text->find('*');
  if (star != std::string::npos && text->find('@') >= star) {
    value.error("a * may stand for an instance only", "as in web@*.service");
    return std::nullopt;
  }
  return patternAt(value, std::move(text));
}

std::optional<TextPattern> readSlice(const Value& value) {
  std::optional<std::string> text = value.text();
  if (text && (!endsWith(*text, ".slice") || text->find('*') != std::string::npos)) {
    value.error("this is not the name of a slice", "as in ci.slice; slices below it are meant too");
    return std::nullopt;
  }
  return patternAt(value, std::move(text));
}

std::optional<TextPattern> readCgroup(const Value& value) {
  std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  const bool below = endsWith(*text, "/*");
  const std::string path = below ? text->substr(0, text->size() - 2) : *text;
  if (path.find('*') != std::string::npos) {
    value.error("a * may only be the whole of the last part", "as in /system.slice/web.service/*");
    return std::nullopt;
  }
  return path == "/" || checkPath(value, path) ? patternAt(value, std::move(text)) : std::nullopt;
}

std::optional<ContainerKind> readContainer(const Value& value) { return value.word(kContainers); }

std::optional<TextPattern> readExecutable(const Value& value) {
  return patternAt(value, filePath(value));
}

std::optional<TextPattern> readDigest(const Value& value) {
  std::optional<std::string> text = value.text();
  if (text && (text->size() != kDigestLength ||
               text->find_first_not_of("0123456789abcdef") != std::string::npos)) {
    value.error("a SHA-256 has 64 hexadecimal digits in lower case", "sha256sum FILE prints it");
    return std::nullopt;
  }
  return patternAt(value, std::move(text));
}

}  // namespace

void readProcessKeys(MapReader& map, ProcessMatcher& process) {
  map.readAnyOf("systemd_unit", process.units, readUnit);
  map.readAnyOf("slice", process.slices, readSlice);
  map.readAnyOf("cgroup", process.cgroups, readCgroup);
  map.readAnyOf("container", process.containers, readContainer);
  map.readAnyOf("exe", process.executables, readExecutable);
  map.readAnyOf("exe_sha256", process.digests, readDigest);
  map.readAnyOf("selinux", process.selinux, readText);
  map.readAnyOf("apparmor", process.apparmor, readText);
}

}  // namespace peerpool::config
