// Choice and making of the runtime directory.

#include "proxy/server/runtime_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "proxy/net/directory.h"

namespace peerpool::server {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// FNV-1a: the same in every build, which std::hash does not promise. Collisions only mean that the
/// second instance is told the socket is in use.
std::uint32_t hashOf(const std::string& text) {
  std::uint32_t hash = 2166136261U;
  for (const char byte : text) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  }
  return hash;
}

std::string absolute(const std::string& path) {
  std::string text = std::filesystem::absolute(path).lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') {
    text.pop_back();
  }
  return text;
}

}  // namespace

RuntimePlace runtimePlace(const std::string& option) {
  std::string given = environment("RUNTIME_DIRECTORY");
  given = given.substr(0, given.find(':'));
  return {option, given, environment("XDG_RUNTIME_DIR"), ::geteuid() == 0};
}

std::string runtimeDirectory(const RuntimePlace& place) {
  if (!place.option.empty()) {
    return absolute(place.option);
  }
  if (!place.runtime_directory.empty()) {
    return absolute(place.runtime_directory);
  }
  if (place.root) {
    return "/run/peerpool";
  }
  return place.xdg_runtime_dir.empty() ? "" : absolute(place.xdg_runtime_dir + "/peerpool");
}

std::string statusSocketPath(const std::string& directory, const std::string& config) {
  std::error_code ignored;  // A file that is not there has its name, as written, as identity.
  const std::string canonical = std::filesystem::weakly_canonical(config, ignored).string();
  char name[32];
  std::snprintf(name, sizeof name, "/status-%08x.sock", hashOf(canonical));
  return directory + name;
}

void makeRuntimeDirectory(const std::string& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) {
    net::createDirectory({path, 0755, {}, {}});
  }
}

}  // namespace peerpool::server
