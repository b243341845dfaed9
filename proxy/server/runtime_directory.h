// Where the running process and the status command meet.

#pragma once

#include <string>

namespace peerpool::server {

/// What decides about the place, so that the choice is pure.
struct RuntimePlace {
  std::string option;             ///< --runtime-dir; empty: not given.
  std::string runtime_directory;  ///< $RUNTIME_DIRECTORY (systemd.exec(5)), the first of several.
  std::string xdg_runtime_dir;    ///< $XDG_RUNTIME_DIR.
  bool root = false;
};

/// Reads environment and effective uid.
[[nodiscard]] RuntimePlace runtimePlace(const std::string& option);

/// An absolute path, or empty when there is no place: not root, and no variable set.
[[nodiscard]] std::string runtimeDirectory(const RuntimePlace& place);

/// DIRECTORY/status-XXXXXXXX.sock. X comes from `config`, made canonical, so that instances with
/// different files live side by side.
[[nodiscard]] std::string statusSocketPath(const std::string& directory, const std::string& config);

/// Makes the directory with mode 0755 when it is missing; one that is there stays as it is. Throws
/// std::system_error.
void makeRuntimeDirectory(const std::string& path);

}  // namespace peerpool::server
