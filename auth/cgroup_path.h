// What a place in the cgroup2 hierarchy says of the process that is in it: systemd's unit and
// slices, and the container. Text in, values out; reads nothing.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peerpool::auth {

/// Who made a container, as far as its cgroup tells.
enum class ContainerEngine : std::uint8_t { None, Docker, Podman, Other };

/// One path, read from the root: what stands below the unit may have been named by whoever the
/// subtree is delegated to (a user's manager, a container), so it never says which unit it is.
struct CgroupPlace {
  std::string path;                 ///< "/system.slice/web@1.service".
  std::vector<std::string> slices;  ///< That contain the unit, from the root: "user.slice", ...
  std::string unit;                 ///< The system manager's, as "session-3.scope"; empty: none.
  std::string instance;             ///< Between the @ and the suffix, still escaped; mostly empty.
  std::string user_unit;            ///< As a user's manager calls it; trust it like that user.
  ContainerEngine engine = ContainerEngine::None;
  std::string container_id;  ///< Empty: none, or the engine names it otherwise.
};

/// The path in the text of /proc/PID/cgroup (cgroups(7)): that of the line "0::". No value: there
/// is none, as where only cgroup v1 is in use.
[[nodiscard]] std::optional<std::string> cgroup2Path(std::string_view proc_cgroup);

/// No value: the path leads out of our cgroup namespace, the cgroup has been removed, or it is no
/// path.
[[nodiscard]] std::optional<CgroupPlace> parseCgroupPath(std::string_view path);

/// "/sys/fs/cgroup/unified", where the cgroup2 file system is mounted according to the text of
/// /proc/PID/mountinfo (proc(5)). No value: nowhere.
[[nodiscard]] std::optional<std::string> cgroup2Mount(std::string_view mountinfo);

}  // namespace peerpool::auth
