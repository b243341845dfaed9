// Walks from the root down: whoever may write on the way decides what the program is.

#include "auth/executable_files.h"

#include <sys/stat.h>

#include <vector>

#include "auth/permissions.h"
#include "auth/socket_parents.h"

namespace peerpool::auth {
namespace {

constexpr mode_t kOthersMayWrite = 022;

std::string about(const std::string& part, const PathFacts& facts) {
  return part + " (owner uid " + std::to_string(facts.owner) + ", mode " + modeText(facts.mode) +
         ")";
}

}  // namespace

bool ExecutableFiles::isRootsAlone(const config::TextPattern& path, const std::string& part,
                                   const PathFacts& facts, const std::string& key) {
  if (facts.kind == PathFacts::Kind::Symlink) {
    const std::string rest = path.text.substr(part.size());
    problems_.error(path.where, key, part + " is a symbolic link",
                    facts.real_path.empty()
                        ? "it leads nowhere"
                        : "write " + facts.real_path + rest + ": what runs is the file at its end");
    return false;
  }
  const bool directory = facts.kind == PathFacts::Kind::Directory;
  if (facts.owner != 0) {
    problems_.error(path.where, key, about(part, facts) + " does not belong to root",
                    "its owner decides what that program is; chown it to root");
    return false;
  }
  // In a sticky directory of root's nobody else takes away or replaces what is root's.
  if ((facts.mode & kOthersMayWrite) == 0 || (directory && (facts.mode & S_ISVTX) != 0)) {
    return true;
  }
  problems_.error(path.where, key, about(part, facts) + " may be written by others than root",
                  "chmod go-w " + part);
  return false;
}

std::optional<FileId> ExecutableFiles::resolve(const config::TextPattern& path,
                                               const std::string& key) {
  if (const auto found = known_.find(path.text); found != known_.end()) {
    return found->second;
  }
  std::optional<FileId>& result = known_[path.text];
  std::vector<std::string> parts = parentsOf(path.text);
  parts.push_back(path.text);
  PathFacts last;
  for (const std::string& part : parts) {
    const auto facts = files_.look(part);
    if (!facts || !*facts) {
      problems_.error(
          path.where, key,
          facts ? "there is no file " + path.text : "cannot be looked at: " + facts.error().text,
          "name a program that is installed, and that the service can see");
      return std::nullopt;
    }
    last = **facts;
    if (!isRootsAlone(path, part, last, key)) {
      return std::nullopt;
    }
  }
  if (last.kind != PathFacts::Kind::File) {
    problems_.error(path.where, key, path.text + " is not a regular file", "name a program");
  } else if (files_.isScript(path.text)) {
    problems_.error(path.where, key,
                    path.text + " is a script: what runs is its interpreter, with any script",
                    "name the program that it starts in the end, if that is no interpreter");
  } else {
    result = last.id;
  }
  return result;
}

}  // namespace peerpool::auth
