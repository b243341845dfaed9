// What is known of a path in the file system, without following a symbolic link at its end. Behind
// an interface, so that the checks which use it are pure.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "auth/file_id.h"
#include "proxy/base/result.h"

namespace peerpool::auth {

/// statx(2) and a little more.
struct PathFacts {
  enum class Kind { Directory, Symlink, File, Other };
  Kind kind = Kind::Other;
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;        ///< Permission bits with setuid, setgid and sticky.
  bool has_acl = false;   ///< More than the mode decides (acl(5)).
  std::string real_path;  ///< realpath(3) of a symlink; empty when it leads nowhere.
  FileId id = {};
};

class FileFacts {
 public:
  virtual ~FileFacts() = default;
  /// No value: nothing there. Error (System): could not be found out.
  [[nodiscard]] virtual Result<std::optional<PathFacts>> look(const std::string& path) const = 0;
  /// Does the file begin with "#!"? What cannot be read is no script: its interpreter could not
  /// read it either.
  [[nodiscard]] virtual bool isScript(const std::string& path) const = 0;
};

/// The real file system.
class SystemFileFacts final : public FileFacts {
 public:
  [[nodiscard]] Result<std::optional<PathFacts>> look(const std::string& path) const override;
  [[nodiscard]] bool isScript(const std::string& path) const override;
};

}  // namespace peerpool::auth
