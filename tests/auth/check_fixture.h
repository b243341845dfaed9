// A made-up file system and what a check says about it, for the tests of this folder.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "auth/file_facts.h"
#include "config/diagnostics.h"
#include "tests/auth/policy_fixture.h"

namespace peerpool::auth::test {

/// uid and gid of the service in these tests.
inline constexpr uid_t kServiceUid = 900;

class FakeFiles final : public FileFacts {
 public:
  /// "/" and "/run" are root's, mode 0755; /run/peerpool is the service's.
  FakeFiles() {
    directory("/", 0, 0, 0755);
    directory("/run", 0, 0, 0755);
    directory("/run/peerpool", kServiceUid, kServiceUid, 0755);
  }
  void directory(const std::string& path, uid_t owner, gid_t group, mode_t mode,
                 bool has_acl = false) {
    facts[path] = {PathFacts::Kind::Directory, owner, group, mode, has_acl, {}};
  }
  /// A program of root's; its inode is 42.
  void program(const std::string& path, uid_t owner = 0, mode_t mode = 0755) {
    facts[path] = {PathFacts::Kind::File, owner, 0, mode, false, {}, {1, 42, 0}};
  }
  Result<std::optional<PathFacts>> look(const std::string& path) const override {
    if (path == unreadable) {
      return Error{ErrorCode::System, path + ": Permission denied"};
    }
    const auto found = facts.find(path);
    return found == facts.end() ? std::optional<PathFacts>()
                                : std::optional<PathFacts>(found->second);
  }

  bool isScript(const std::string& path) const override { return path == script; }

  std::map<std::string, PathFacts> facts;
  std::string script;
  std::string unreadable;
};

inline Identity service() { return peer(kServiceUid, "peerpool"); }

/// Each diagnostic as "error PATH: MESSAGE".
inline std::vector<std::string> texts(const config::Diagnostics& diagnostics) {
  std::vector<std::string> result;
  for (const config::Diagnostic& diagnostic : diagnostics.sorted()) {
    const bool error = diagnostic.severity == config::Diagnostic::Severity::Error;
    result.push_back((error ? "error " : "warning ") + diagnostic.path + ": " + diagnostic.message);
  }
  return result;
}

}  // namespace peerpool::auth::test
