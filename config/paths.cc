#include "config/paths.h"

#include "config/wording.h"

namespace peerpool::config {
namespace {

constexpr std::size_t kMaxFileName = 255;  // NAME_MAX

bool isNormalised(std::string_view path) {
  if (path.size() > 1 && path.back() == '/') {
    return false;
  }
  std::size_t start = 1;
  while (start < path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") {
      return false;
    }
    start = end + 1;
  }
  return true;
}

bool checkSocketPath(const Value& value, std::string_view path) {
  if (!path.empty() && path.front() == '@') {
    value.error("abstract sockets are refused: every local user may connect to them",
                "use a path, as in /run/peerpool/.s.PGSQL.5432");
    return false;
  }
  if (!checkPath(value, path)) {
    return false;
  }
  if (path == "/") {
    value.error("the path names no file", "as in /run/peerpool/.s.PGSQL.5432");
    return false;
  }
  if (path.size() > kMaxSocketPath) {
    value.error("the path has " + std::to_string(path.size()) + " bytes; a socket's has at most " +
                    std::to_string(kMaxSocketPath),
                "use a shorter directory, as in /run/peerpool");
    return false;
  }
  return true;
}

/// What follows `prefix`; reports what has another or is not enforced.
std::optional<std::string> withoutPrefix(const Value& value, std::string_view prefix) {
  const std::optional<std::string> text = value.text();
  if (!text || value.refusedAsNotEnforced(*text)) {
    return std::nullopt;
  }
  if (text->compare(0, prefix.size(), prefix) != 0) {
    value.error("expected \"" + std::string(prefix) + "/path\", found " + quoted(*text),
                text->front() == '/' ? "write \"" + std::string(prefix) + *text + '"' : "");
    return std::nullopt;
  }
  return text->substr(prefix.size());
}

}  // namespace

bool checkPath(const Value& value, std::string_view path) {
  if (path.empty() || path.front() != '/') {
    value.error("the path " + quoted(path) + " is relative", "begin it with /");
    return false;
  }
  if (!isNormalised(path)) {
    value.error("the path " + quoted(path) + " is not normalised",
                "write it without //, /./, /../ and a / at the end");
    return false;
  }
  return true;
}

std::optional<std::string> filePath(const Value& value) {
  std::optional<std::string> path = value.text();
  return path && checkPath(value, *path) ? path : std::nullopt;
}

std::optional<std::string> socketPath(const Value& value) {
  std::optional<std::string> path = value.text();
  return path && checkSocketPath(value, *path) ? path : std::nullopt;
}

std::optional<std::string> unixAddress(const Value& value) {
  if (value.isList()) {
    value.notEnforced("a list of addresses");
    return std::nullopt;
  }
  std::optional<std::string> path = withoutPrefix(value, "unix:");
  return path && checkSocketPath(value, *path) ? path : std::nullopt;
}

std::optional<std::string> fileReference(const Value& value) {
  std::optional<std::string> path = withoutPrefix(value, "file:");
  return path && checkPath(value, *path) ? path : std::nullopt;
}

std::optional<std::string> secretReference(const Value& value) {
  std::optional<std::string> text = value.text();
  if (!text || text->rfind("credential:", 0) != 0) {
    return text ? fileReference(value) : std::nullopt;
  }
  const std::string_view name = credentialName(*text);
  if (name.empty() || name.size() > kMaxFileName || name == "." || name == ".." ||
      name.find('/') != std::string_view::npos) {
    value.error("the credential " + quoted(name) + " is no file name",
                "name it as LoadCredential= of the unit does, as in credential:shop_rw");
    return std::nullopt;
  }
  return text;
}

}  // namespace peerpool::config
