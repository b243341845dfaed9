// Walks from the root down, as the listener will when it is made.

#include "auth/socket_parents.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace peerpool::auth {
namespace {

constexpr mode_t kOthersMayWrite = 022;

const config::Directory* madeDirectory(const config::Config& config, const std::string& path) {
  const auto found = std::find_if(config.directories.begin(), config.directories.end(),
                                  [&](const config::Directory& directory) {
                                    return directory.create && directory.path == path;
                                  });
  return found == config.directories.end() ? nullptr : &*found;
}

bool isBelow(const std::string& path, const std::string& directory) {
  const std::vector<std::string> parents = parentsOf(path);
  return std::find(parents.begin(), parents.end(), directory) != parents.end();
}

Permissions configured(const config::Config& config, const config::Directory& directory,
                       const Identity& service, NameResolver& names) {
  Permissions result{service.uid, service.gid, directory.mode, {}, {}};
  if (directory.owner) {
    result.owner = names.uid(*directory.owner, "directories").value_or(service.uid);
  }
  if (directory.group) {
    result.group = names.gid(*directory.group, "directories").value_or(service.gid);
  }
  for (const config::Listener& listener : config.listeners) {
    if (isBelow(listener.path, directory.path)) {
      addEntries(listener.acl, names, result);
    }
  }
  return result;
}

std::string replacedStart(const std::string& path, const std::string& start,
                          const std::string& real) {
  return (real == "/" ? "" : real) + path.substr(start.size());
}

void checkParent(const config::Listener& listener, const std::string& path, const PathFacts& facts,
                 const Identity& service, config::Diagnostics& out) {
  const std::string key = "listeners." + listener.name + ".path";
  if (facts.kind == PathFacts::Kind::Symlink) {
    out.error(listener.where, key, path + " is a symbolic link",
              facts.real_path.empty()
                  ? "it leads nowhere"
                  : "write " + replacedStart(listener.path, path, facts.real_path));
    return;
  }
  if (facts.kind != PathFacts::Kind::Directory) {
    out.error(listener.where, key, path + " is not a directory");
    return;
  }
  const std::string about = "directory " + path + " (owner uid " + std::to_string(facts.owner) +
                            ", mode " + modeText(facts.mode) + ")";
  if (facts.owner != 0 && facts.owner != service.uid) {
    const std::string message = about + " belongs neither to root nor to uid " +
                                std::to_string(service.uid) + ", which peerpool runs as";
    if (service.uid == 0) {
      // Root checks for a service that may run as somebody else.
      out.warning(listener.where, key, message, "run this check as the account of the service");
    } else {
      out.error(listener.where, key, message, "chown it to root or to the service");
    }
  }
  if ((facts.mode & kOthersMayWrite) == 0) {
    return;
  }
  if ((facts.mode & S_ISVTX) != 0 && facts.owner == 0) {
    out.warning(
        listener.where, key,
        about + " may be written by others: they can take the socket's name before peerpool",
        "use a directory of its own, such as /run/peerpool");
  } else {
    out.error(listener.where, key,
              about + " may be written by others: they can put their own socket in place of ours",
              "chmod go-w " + path);
  }
}

/// What stands where the socket is to be: serve replaces nothing but a stale socket. No error, as
/// somebody's file in place of a socket in use must not keep a reload from happening.
void checkPlace(const config::Listener& listener, const PathFacts& facts,
                config::Diagnostics& out) {
  if (facts.kind == PathFacts::Kind::Other) {
    return;
  }
  const char* const kind = facts.kind == PathFacts::Kind::Directory ? "a directory"
                           : facts.kind == PathFacts::Kind::File    ? "a file"
                                                                    : "a symbolic link";
  out.warning(listener.where, "listeners." + listener.name + ".path",
              listener.path + " is " + kind + ", and peerpool replaces only a socket",
              "choose another path, or move it away");
}

}  // namespace

std::vector<std::string> parentsOf(const std::string& path) {
  std::vector<std::string> parents;
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    parents.push_back(slash == 0 ? "/" : path.substr(0, slash));
  }
  return parents;
}

std::vector<ParentDirectory> knownParents(const config::Config& config,
                                          const std::string& socket_path, const FileFacts& files,
                                          const Identity& service, NameResolver& names) {
  std::vector<ParentDirectory> known;
  for (const std::string& path : parentsOf(socket_path)) {
    if (const config::Directory* made = madeDirectory(config, path)) {
      known.push_back({path, configured(config, *made, service, names), true});
      continue;
    }
    const auto facts = files.look(path);
    if (facts && *facts && (*facts)->kind == PathFacts::Kind::Directory) {
      known.push_back(
          {path, {(*facts)->owner, (*facts)->group, (*facts)->mode, {}, {}}, !(*facts)->has_acl});
    }
  }
  return known;
}

void checkParents(const config::Listener& listener, const FileFacts& files, const Identity& service,
                  config::Diagnostics& out) {
  for (const std::string& path : parentsOf(listener.path)) {
    const auto facts = files.look(path);
    if (!facts) {
      out.warning(listener.where, "listeners." + listener.name + ".path",
                  "cannot be checked: " + facts.error().text);
      return;
    }
    if (!*facts) {
      return;
    }
    checkParent(listener, path, **facts, service, out);
    if ((*facts)->kind != PathFacts::Kind::Directory) {
      return;
    }
  }
  const auto place = files.look(listener.path);
  if (place && *place) {
    checkPlace(listener, **place, out);
  }
}

void checkOwnership(const config::Config& config, const config::Listener& listener,
                    const FileFacts& files, const Identity& service, NameResolver& names,
                    config::Diagnostics& out) {
  if (service.uid == 0) {
    return;
  }
  const std::string key = "listeners." + listener.name;
  const std::string hint_end = " instead: it needs no privilege";
  if (listener.owner) {
    const auto owner = names.uid(*listener.owner, key + ".owner");
    if (owner && *owner != service.uid) {
      out.error(listener.owner->where, key + ".owner",
                "only root can give a socket to user " + accountText(*listener.owner),
                "use acl: [ { user: " + accountText(*listener.owner) + " } ]" + hint_end);
    }
  }
  if (!listener.group) {
    return;
  }
  const auto group = names.gid(*listener.group, key + ".group");
  const std::vector<ParentDirectory> parents =
      knownParents(config, listener.path, files, service, names);
  const std::vector<std::string> paths = parentsOf(listener.path);
  const bool from_directory = !parents.empty() && parents.back().path == paths.back() &&
                              (parents.back().permissions.mode & S_ISGID) != 0 &&
                              parents.back().permissions.group == group;
  if (group && !service.inGroup(*group) && !from_directory) {
    const std::string name = accountText(*listener.group);
    out.error(listener.group->where, key + ".group",
              "peerpool runs as uid " + std::to_string(service.uid) + ", which is not in group " +
                  name + " and so cannot give the socket to it",
              "use acl: [ { group: " + name + " } ]" + hint_end +
                  "; or SupplementaryGroups=" + name + ", or a setgid directory of that group");
  }
}

}  // namespace peerpool::auth
