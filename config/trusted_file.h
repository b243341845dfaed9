// Files that decide who may come in: read only if nobody but root and the service can have written
// them. Looks at owners and modes of the file, of every directory above it and of every symbolic
// link on the way. Changes nothing.

#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::config {

/// For one load; remembers which directories it has reported.
class TrustedFiles {
 public:
  /// `service`: the other uid beside root that may own the files.
  TrustedFiles(uid_t service, Diagnostics& out) : service_(service), out_(out) {}

  /// The content, at most one byte more than kMaxFileSize. No value: it was refused, which is
  /// reported under `path`, or this very file was read before. Throws std::system_error, with the
  /// path, when it cannot be read.
  [[nodiscard]] std::optional<std::string> read(const std::string& path);

  /// A secret that `where` and `key` name: no link, and no access for group and others. The content
  /// is not read.
  void checkSecret(const std::string& path, const Location& where, const std::string& key);

 private:
  /// Where the mistakes of one file go.
  struct Subject {
    Location where;
    std::string key;
  };
  /// False: somebody else could put another file there.
  [[nodiscard]] bool checkParents(const std::string& path, const Subject& subject);
  [[nodiscard]] bool checkDirectory(const std::string& path, const Subject& subject);
  [[nodiscard]] bool judgeDirectory(const std::string& path, const Subject& subject);
  [[nodiscard]] bool trusts(uid_t owner) const noexcept { return owner == 0 || owner == service_; }

  uid_t service_;
  Diagnostics& out_;
  std::map<std::string, bool> checked_;  // Directories, each reported once.
  std::set<std::pair<dev_t, ino_t>> read_;
};

}  // namespace peerpool::config
