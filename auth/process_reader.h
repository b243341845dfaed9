// Looks at the process at the other end of a connection, guarded by its pidfd: what is read belongs
// to the process that connected, or it is not known. Decides nothing.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/identity.h"
#include "auth/process_facts.h"
#include "auth/process_handle.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::auth {

/// The least that /proc has to say of two processes to tell whether one is in a container that the
/// other is not in. No capability is needed for it.
struct Surroundings {
  std::string uid_map;        ///< Of /proc/PID/uid_map, as a whole.
  std::size_t pid_depth = 0;  ///< How many numbers NSpid: of /proc/PID/status has; 0: not known.
  std::string root;           ///< Device and directory of the mount "/"; empty: it has none.
};

/// From the texts of /proc/PID/{uid_map,status,mountinfo}; the last may be cut off.
[[nodiscard]] Surroundings readSurroundings(std::string_view uid_map, std::string_view status,
                                            std::string_view mountinfo);

/// Belongs to one thread. Reads /proc, which never waits for a disk or another process.
class ProcessReader {
 public:
  ProcessReader();

  struct Seen {
    std::shared_ptr<const ProcessFacts> facts;  ///< Never null.
    UniqueFd handle;                            ///< The pidfd, if looks.lifetime asked for it.
  };
  /// `peer` is what readPeer() said of `socket`. Everything in `looks` but the executable, which
  /// only peerpool-attest may see, is known afterwards, or says why not.
  [[nodiscard]] Seen look(int socket, const Identity& peer, const Looks& looks);

  /// The same for a process by its number; for explain.
  [[nodiscard]] ProcessFacts lookAt(const ProcessHandle& process, uid_t uid, const Looks& looks);

 private:
  /// What all processes of a cgroup have in common. To have another root than the others, without a
  /// user namespace of its own, a process must have been root's.
  struct Cgroup {
    CgroupPlace place;
    std::optional<bool> other_root;  // No value: nobody looked.
  };
  [[nodiscard]] static Fact<CgroupPlace> readCgroup(int directory);
  [[nodiscard]] Fact<bool> readApart(int directory, const Fact<CgroupPlace>& place,
                                     Cgroup& cgroup) const;
  [[nodiscard]] std::shared_ptr<const ProcessFacts> shared(ProcessFacts facts);
  void remember(const ProcessHandle& process, std::uint64_t id, Cgroup cgroup);

  Surroundings own_;
  /// Cgroups by their inode, which is never used again until the next boot, as is no path.
  std::map<std::uint64_t, Cgroup> cgroups_;
  std::map<std::string, std::shared_ptr<const ProcessFacts>> shared_;  // By what is in them.
};

}  // namespace peerpool::auth
