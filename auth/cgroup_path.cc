// systemd.unit(5) for the names of units, and what container engines call their cgroups.

#include "auth/cgroup_path.h"

#include <algorithm>
#include <array>

namespace peerpool::auth {
namespace {

constexpr std::size_t kMaxUnitName = 255;  // systemd.unit(5)
constexpr std::size_t kContainerId = 64;
constexpr std::string_view kDeleted = " (deleted)";
constexpr std::string_view kSlice = ".slice";
// Kinds of units that have a cgroup of their own.
constexpr std::array<std::string_view, 5> kUnitSuffixes = {".service", ".scope", ".socket",
                                                           ".mount", ".swap"};

bool startsWith(std::string_view text, std::string_view prefix) noexcept {
  return text.substr(0, prefix.size()) == prefix;
}

bool endsWith(std::string_view text, std::string_view suffix) noexcept {
  return text.size() > suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

/// The piece up to the next `separator`, which is taken off with it.
std::string_view takeUntil(std::string_view& text, char separator) noexcept {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

/// systemd puts a _ before a name that the kernel uses for a file of its own.
std::string_view unescaped(std::string_view component) noexcept {
  component.remove_prefix(startsWith(component, "_") ? 1 : 0);
  return component;
}

bool isUnitName(std::string_view name) noexcept {
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.\\-@";
  return name.size() <= kMaxUnitName &&
         name.find_first_not_of(kCharacters) == std::string_view::npos;
}

bool isSlice(std::string_view name) noexcept { return endsWith(name, kSlice) && isUnitName(name); }

bool isUnit(std::string_view name) noexcept {
  return isUnitName(name) &&
         std::any_of(kUnitSuffixes.begin(), kUnitSuffixes.end(),
                     [name](std::string_view suffix) { return endsWith(name, suffix); });
}

bool isContainerId(std::string_view text) noexcept {
  return text.size() == kContainerId &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view instanceOf(std::string_view unit) noexcept {
  const std::size_t at = unit.find('@');
  return at == std::string_view::npos ? std::string_view()
                                      : unit.substr(at + 1, unit.rfind('.') - at - 1);
}

/// "docker-0123...scope" with the engine's prefix; empty when it is not such a name.
std::string_view idOfScope(std::string_view unit, std::string_view prefix) noexcept {
  constexpr std::string_view kScope = ".scope";
  if (!startsWith(unit, prefix) || !endsWith(unit, kScope)) {
    return {};
  }
  unit.remove_prefix(prefix.size());
  unit.remove_suffix(kScope.size());
  return isContainerId(unit) ? unit : std::string_view();
}

void setContainer(CgroupPlace& place, ContainerEngine engine, std::string_view id) {
  place.engine = engine;
  place.container_id.assign(id);
}

/// By the name of a scope, which is the system's or a user's manager's.
bool findScope(CgroupPlace& place, std::string_view unit) {
  struct Prefix {
    std::string_view text;
    ContainerEngine engine;
  };
  constexpr std::array kPrefixes = {
      Prefix{"docker-", ContainerEngine::Docker}, Prefix{"libpod-", ContainerEngine::Podman},
      Prefix{"cri-containerd-", ContainerEngine::Other}, Prefix{"crio-", ContainerEngine::Other},
      Prefix{"nerdctl-", ContainerEngine::Other}};
  for (const Prefix& prefix : kPrefixes) {
    const std::string_view id = idOfScope(unit, prefix.text);
    if (!id.empty()) {
      setContainer(place, prefix.engine, id);
      return true;
    }
  }
  if (startsWith(unit, "machine-") || startsWith(unit, "systemd-nspawn@")) {
    setContainer(place, ContainerEngine::Other, {});
    return true;
  }
  return false;
}

/// Without systemd: "/docker/ID", "/libpod_parent/libpod-ID", "/lxc.payload.NAME", "/kubepods/...".
void findDirectory(CgroupPlace& place, std::string_view first, std::string_view rest) {
  const std::string_view second = takeUntil(rest, '/');
  if (first == "docker" && isContainerId(second)) {
    setContainer(place, ContainerEngine::Docker, second);
  } else if (first == "libpod_parent" && startsWith(second, "libpod-") &&
             isContainerId(second.substr(7))) {
    setContainer(place, ContainerEngine::Podman, second.substr(7));
  } else if (first == "kubepods" || first == "lxc" || startsWith(first, "lxc.payload")) {
    setContainer(place, ContainerEngine::Other, {});
  }
}

/// What a user's manager has below its own unit.
void readUserUnit(CgroupPlace& place, std::string_view rest) {
  while (!rest.empty()) {
    const std::string_view name = unescaped(takeUntil(rest, '/'));
    if (isSlice(name)) {
      continue;
    }
    if (isUnit(name)) {
      place.user_unit.assign(name);
      static_cast<void>(findScope(place, name));
    }
    return;
  }
}

}  // namespace

std::optional<std::string> cgroup2Path(std::string_view proc_cgroup) {
  while (!proc_cgroup.empty()) {
    std::string_view line = takeUntil(proc_cgroup, '\n');
    if (startsWith(line, "0::")) {
      return std::string(line.substr(3));
    }
  }
  return std::nullopt;
}

std::optional<CgroupPlace> parseCgroupPath(std::string_view path) {
  if (!startsWith(path, "/") || path == "/.." || startsWith(path, "/../") ||
      endsWith(path, kDeleted)) {
    return std::nullopt;
  }
  CgroupPlace place;
  place.path.assign(path);
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::string_view raw = takeUntil(path, '/');
    const std::string_view name = unescaped(raw);
    if (isSlice(name)) {
      place.slices.emplace_back(name);
      continue;
    }
    if (!isUnit(name)) {
      if (place.slices.empty()) {
        findDirectory(place, raw, path);
      }
      return place;
    }
    place.unit.assign(name);
    place.instance.assign(instanceOf(name));
    if (!findScope(place, name) && startsWith(name, "user@")) {
      readUserUnit(place, path);
    }
    return place;
  }
  return place;
}

std::optional<std::string> cgroup2Mount(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    const std::string_view line = takeUntil(mountinfo, '\n');
    // The optional fields end with " - ", then comes the type.
    const std::size_t separator = line.find(" - ");
    if (separator == std::string_view::npos ||
        !startsWith(line.substr(separator + 3), "cgroup2 ")) {
      continue;
    }
    std::string_view fields = line;
    for (int skipped = 0; skipped < 4; ++skipped) {
      static_cast<void>(takeUntil(fields, ' '));
    }
    return std::string(takeUntil(fields, ' '));
  }
  return std::nullopt;
}

}  // namespace peerpool::auth
