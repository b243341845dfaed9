// Who may include whom. The table is the one of DESIGN, Layers; a new folder needs a line here.

#include <algorithm>
#include <map>
#include <set>

#include "tests/tidy/checks.h"

namespace peerpool::tidy {
namespace {

using Names = std::vector<std::string>;

// Folder to the folders it may include, beside itself.
const std::map<std::string, Names>& layers() {
  static const std::map<std::string, Names> table{
      {"proxy/base", {}},
      {"config", {"proxy/base"}},
      {"auth", {"proxy/base", "config"}},
      {"proxy/event", {"proxy/base"}},
      {"proxy/net", {"proxy/base", "proxy/event"}},
      {"proxy/postgres/wire", {"proxy/base"}},
      {"proxy/pool", {"proxy/base", "config"}},
      {"proxy/postgres",
       {"proxy/base", "config", "auth", "proxy/event", "proxy/net", "proxy/pool",
        "proxy/postgres/wire"}},
      {"proxy/observe", {"proxy/base", "config"}},
      {"proxy/admin",
       {"proxy/base", "config", "auth", "proxy/pool", "proxy/observe", "proxy/postgres/wire"}},
      {"proxy/attest", {"proxy/base", "auth"}},
      {"proxy/server",
       {"proxy/base", "config", "auth", "proxy/event", "proxy/net", "proxy/pool", "proxy/postgres",
        "proxy/postgres/wire", "proxy/observe", "proxy/admin"}},
  };
  return table;
}

// Folders that see of config only the data, not how it is read.
const std::map<std::string, Names>& configFiles() {
  static const std::map<std::string, Names> table{
      {"auth", {"config/model.h", "config/diagnostics.h"}},
      {"proxy/pool", {"config/model.h"}},
  };
  return table;
}

// Start of a library's header name to the folders or files that may include it.
const std::map<std::string, Names>& libraries() {
  static const std::map<std::string, Names> table{
      {"Poco/", {"proxy/observe", "proxy/admin", "proxy/server"}},
      {"yaml-cpp/", {"config/yaml_reader.cc"}},
      {"openssl/", {"auth/crypto.cc"}},
      {"liburing", {"proxy/event"}},
      {"sys/acl.h", {"proxy/net"}},
      {"acl/", {"proxy/net"}},
      {"systemd/", {"proxy/server"}},
      {"libpq", {}},
      {"sys/epoll.h", {"proxy/event"}},
      {"sys/inotify.h", {"proxy/net"}},
      {"sys/socket.h",
       {"auth", "proxy/event", "proxy/net", "proxy/admin", "proxy/observe", "proxy/attest",
        "proxy/server"}},
      {"format", {}},
      {"ranges", {}},
      {"coroutine", {}},
      {"expected", {}},
  };
  return table;
}

// Pure layers: bytes and settings in, decisions out, no descriptor in sight.
const std::set<std::string>& pureFolders() {
  static const std::set<std::string> folders{"proxy/postgres/wire", "proxy/pool", "config"};
  return folders;
}

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string folderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string complaintAboutLibrary(const SourceFile& file, const Include& include) {
  for (const auto& [prefix, owners] : libraries()) {
    // A header of the standard library is a whole name, a library's is a prefix.
    const bool whole_name = prefix.find_first_of("/.") == std::string::npos && prefix[0] != 'l';
    const bool hit = whole_name ? include.name == prefix : include.name.rfind(prefix, 0) == 0;
    if (hit && !contains(owners, file.folder()) && !contains(owners, file.path)) {
      return "may not include <" + include.name + ">";
    }
  }
  return "";
}

std::string complaintAboutOwn(const SourceFile& file, const Include& include) {
  const std::string target = folderOf(include.name);
  if (include.name.find('/') == std::string::npos || layers().count(target) == 0) {
    return "include \"" + include.name + "\" is no path from the repository's root to a layer";
  }
  const Names& allowed = layers().at(file.folder());
  if (target != file.folder() && !contains(allowed, target)) {
    return file.folder() + " may not include \"" + include.name + '"';
  }
  const auto limited = configFiles().find(file.folder());
  if (target == "config" && limited != configFiles().end() &&
      !contains(limited->second, include.name)) {
    return file.folder() + " may see only the configuration's data, not \"" + include.name + '"';
  }
  if (include.name == "proxy/base/unique_fd.h" && pureFolders().count(file.folder()) != 0) {
    return file.folder() + " may not see descriptors";
  }
  return "";
}

void visit(const std::string& path, const std::map<std::string, Names>& edges,
           std::set<std::string>& done, Names& trail, Complaints& complaints) {
  const auto seen = std::find(trail.begin(), trail.end(), path);
  if (seen != trail.end()) {
    std::string circle;
    for (auto step = seen; step != trail.end(); ++step) {
      circle += *step + " -> ";
    }
    complaints.push_back("circle of includes: " + circle + path);
    return;
  }
  const auto found = edges.find(path);
  if (found == edges.end() || !done.insert(path).second) {
    return;
  }
  trail.push_back(path);
  for (const std::string& next : found->second) {
    visit(next, edges, done, trail, complaints);
  }
  trail.pop_back();
}

}  // namespace

Complaints checkIncludes(const std::vector<SourceFile>& files) {
  Complaints complaints;
  std::set<std::string> known;
  for (const SourceFile& file : files) {
    known.insert(file.path);
  }
  for (const SourceFile& file : files) {
    if (layers().count(file.folder()) == 0) {
      complaints.push_back(file.path + ": its folder is not in the table of layers");
      continue;
    }
    for (const Include& include : file.includes) {
      std::string why =
          include.quoted ? complaintAboutOwn(file, include) : complaintAboutLibrary(file, include);
      if (why.empty() && include.quoted && known.count(include.name) == 0) {
        why = "there is no \"" + include.name + '"';
      }
      if (!why.empty()) {
        complaints.push_back(file.path + ':' + std::to_string(include.line) + ": " + why);
      }
    }
  }
  return complaints;
}

Complaints checkCycles(const std::vector<SourceFile>& files) {
  std::map<std::string, Names> edges;
  for (const SourceFile& file : files) {
    for (const Include& include : file.includes) {
      if (include.quoted) {
        edges[file.path].push_back(include.name);
      }
    }
  }
  Complaints complaints;
  std::set<std::string> done;
  Names trail;
  for (const SourceFile& file : files) {
    visit(file.path, edges, done, trail, complaints);
  }
  return complaints;
}

}  // namespace peerpool::tidy
