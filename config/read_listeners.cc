#include "config/read_listeners.h"

#include <optional>
#include <string>
#include <utility>

#include "config/map_reader.h"
#include "config/names.h"
#include "config/paths.h"
#include "config/read_limits.h"
#include "config/units.h"

namespace peerpool::config {
namespace {

constexpr mode_t kSetuid = 04000;
constexpr mode_t kSetgid = 02000;
constexpr mode_t kSticky = 01000;
constexpr mode_t kExecute = 0111;
constexpr mode_t kWriteByGroup = 0020;
constexpr mode_t kWriteByOthers = 0002;

std::optional<mode_t> readSocketMode(const Value& value) {
  const std::optional<mode_t> mode = value.mode();
  if (mode && (*mode & (kSetuid | kSetgid | kSticky | kExecute)) != 0) {
    value.error("a socket has no execute, setuid, setgid and sticky bits",
                "read and write are enough: \"" + printMode(*mode & 0666U) + '"');
    return std::nullopt;
  }
  return mode;
}

/// Whoever may write a directory can replace the sockets in it.
std::optional<mode_t> readDirectoryMode(const Value& value) {
  const std::optional<mode_t> mode = value.mode();
  if (mode && (*mode & kSetuid) != 0) {
    value.error("setuid means nothing on a directory",
                "for the group to be inherited use \"2755\"");
    return std::nullopt;
  }
  if (mode && (*mode & (kWriteByGroup | kWriteByOthers)) != 0) {
    if ((*mode & kSticky) == 0) {
      value.error("others may write this directory, and so replace the sockets in it",
                  "take the write bits away: \"" + printMode(*mode & ~mode_t{0022}) + '"');
      return std::nullopt;
    }
    value.reading().out.warning(value.where(), value.path(),
                                "others may put files into this directory");
  }
  return mode;
}

std::optional<AclEntry> readAclEntry(const Value& value) {
  MapReader map(value, "acl");
  AclEntry entry;
  const bool is_user = map.read("user", entry.account, &Value::account);
  entry.is_group = map.read("group", entry.account, &Value::account);
  map.finish();
  if (is_user == entry.is_group) {
    if (map.good() && !value.reading().out.hasErrorsWithin(value.where().file, value.path())) {
      value.error("an entry names one user or one group",
                  "as in { user: web } or { group: staff }");
    }
    return std::nullopt;
  }
  return entry;
}

void readOwners(MapReader& map, std::optional<AccountName>& owner,
                std::optional<AccountName>& group) {
  AccountName account;
  if (map.read("owner", account, &Value::account)) {
    owner = account;
  }
  if (map.read("group", account, &Value::account)) {
    group = account;
  }
}

Listener readListener(const std::string& name, const Value& value) {
  Listener listener;
  listener.name = name;
  listener.where = value.where();
  MapReader map(value, "listener");
  if (const auto path = map.require("path", "path: /run/peerpool/.s.PGSQL.5432")) {
    listener.path = socketPath(*path).value_or("");
  }
  if (const auto backend = map.require("backend", "name one of backends:")) {
    listener.backend = backend->text().value_or("");
  }
  map.read("mode", listener.mode, readSocketMode);
  readOwners(map, listener.owner, listener.group);
  if (const auto acl = map.find("acl")) {
    listener.acl = collect(acl->list(), readAclEntry);
  }
  listener.containers_given =
      map.read("containers", listener.containers,
               [](const Value& containers) { return containers.word(kContainerPolicies); });
  map.read("open_to_everybody", listener.open_to_everybody, &Value::boolean);
  map.read("repair", listener.repair, &Value::boolean);
  if (const auto limits = map.find("limits")) {
    readListenerLimits(*limits, listener.limits);
  }
  map.finish();
  return listener;
}

}  // namespace

void readListeners(const Value& value, std::vector<Listener>& listeners) {
  for (const auto& [name, entry] : value.named()) {
    checkObjectName(entry, name);
    listeners.push_back(readListener(name, entry));
  }
}

void readDirectories(const Value& value, std::vector<Directory>& directories) {
  for (const auto& [path, entry] : value.named()) {
    Directory directory;
    directory.path = path;
    directory.where = entry.where();
    const bool usable = checkPath(entry, path);
    MapReader map(entry, "directory");
    map.read("create", directory.create, &Value::boolean);
    map.read("mode", directory.mode, readDirectoryMode);
    readOwners(map, directory.owner, directory.group);
    map.finish();
    if (usable) {
      directories.push_back(std::move(directory));
    }
  }
}

}  // namespace peerpool::config
