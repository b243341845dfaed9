// The programs that `exe:` names, to the very files, at load. A name proves nothing later on: it
// may lead elsewhere for somebody else, and to another file tomorrow.

#pragma once

#include <map>
#include <optional>
#include <string>

#include "auth/file_facts.h"
#include "auth/file_id.h"
#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

/// Looks at each path once. Both arguments must outlive it.
class ExecutableFiles {
 public:
  ExecutableFiles(const FileFacts& files, config::Diagnostics& problems)
      : files_(files), problems_(problems) {}

  /// The file, or no value after an error with `key` and the path's place was noted: there is none,
  /// it is a script, a symbolic link, or somebody beside root may change or replace it.
  [[nodiscard]] std::optional<FileId> resolve(const config::TextPattern& path,
                                              const std::string& key);

 private:
  [[nodiscard]] bool isRootsAlone(const config::TextPattern& path, const std::string& part,
                                  const PathFacts& facts, const std::string& key);

  const FileFacts& files_;
  config::Diagnostics& problems_;
  std::map<std::string, std::optional<FileId>> known_;
};

}  // namespace peerpool::auth
