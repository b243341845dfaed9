// Who may open a file: owner, group, mode and access control list, set through a descriptor. No
// path is walked here, and nothing is decided: the caller says what is wanted.

#pragma once

#include <sys/types.h>

#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace peerpool::net {

/// One more user or group of an access control list.
struct AclEntry {
  id_t id = 0;
  bool is_group = false;
  friend auto operator<=>(const AclEntry&, const AclEntry&) = default;  // NOLINT: a false alarm
};

/// What a socket file shall be. connect(2) needs write permission on it, nothing else counts.
struct SocketAccess {
  std::optional<uid_t> owner;  ///< None: as created, this process. Another one needs root.
  std::optional<gid_t> group;  ///< None: as created, this process' or a setgid directory's.
  mode_t mode =
      0600;  ///< Permission bits only. The group bits are the owning group's, also with an ACL.
  std::vector<AclEntry> acl;  ///< Each gets read and write.
  friend bool operator==(const SocketAccess&, const SocketAccess&) = default;
};

/// The permissions of a file as its access control list has them. Unlike in st_mode, the group bits
/// of `mode` are always those of the owning group, never the mask.
struct AccessList {
  struct Named {
    AclEntry who;
    mode_t permissions = 0;                                         ///< 0-7.
    friend auto operator<=>(const Named&, const Named&) = default;  // NOLINT: a false alarm
  };
  mode_t mode = 0;           ///< All twelve bits of chmod(2).
  std::vector<Named> named;  ///< Sorted, no entry twice.
  friend bool operator==(const AccessList&, const AccessList&) = default;
};

/// `fd` may be an O_PATH descriptor in all of these; `path` is for errors only. All throw
/// std::system_error.
[[nodiscard]] AccessList readAccessList(int fd, const std::string& path);

/// Makes the permissions exactly `wanted`, whatever the umask. At no instant does anybody have a
/// permission that neither the old nor the new list gives. The mask is the union of the owning
/// group's and the named permissions, so that each gets all of its own. A file system without ACLs
/// is an error only when there are named entries.
void writeAccessList(int fd, const AccessList& wanted, const std::string& path);

/// Removes what new files in the directory would inherit.
void removeDefaultAcl(int fd, const std::string& path);

/// Changes owner and group where given and different.
void changeOwner(int fd, std::optional<uid_t> owner, std::optional<gid_t> group,
                 const std::string& path);

/// Opens a just bound, still closed (mode 0) socket file to those of `access`, and removes whatever
/// the directory's default ACL gave it. When it throws, the file may be in between, never wider.
void applyAccess(int fd, const SocketAccess& access, const std::string& path);

/// The list of `access`, in which `kept_out` have no permission.
[[nodiscard]] AccessList accessListOf(const SocketAccess& access,
                                      const std::vector<uid_t>& kept_out);

}  // namespace peerpool::net
