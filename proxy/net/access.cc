// Permissions through a descriptor; the only user of libacl.

#include "proxy/net/access.h"

#include <acl/libacl.h>
#include <fcntl.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "proxy/net/file_error.h"

namespace peerpool::net {

namespace {

constexpr mode_t kReadWrite = 06;
constexpr acl_perm_t kPermissions[] = {ACL_READ, ACL_WRITE, ACL_EXECUTE};  // Bits as in a mode.

struct AclFree {
  void operator()(void* memory) const noexcept { ::acl_free(memory); }
};

// Owns a list under construction or one that was read; acl_create_entry() wants to move the
// pointer.
struct Acl {
  explicit Acl(acl_t list) noexcept : pointer(list) {}
  Acl(const Acl&) = delete;
  Acl& operator=(const Acl&) = delete;
  ~Acl() {
    if (pointer != nullptr) {
      ::acl_free(pointer);
    }
  }
  acl_t pointer;
};

mode_t ownerBits(mode_t mode) { return (mode >> 6) & 07U; }
mode_t groupBits(mode_t mode) { return (mode >> 3) & 07U; }
mode_t otherBits(mode_t mode) { return mode & 07U; }

[[noreturn]] void throwUnsupported(const std::string& path) {
  throwFileError(EOPNOTSUPP, "the file system of " + path +
                                 " has no access control lists: use group: instead of acl:, or "
                                 "another file system");
}

// What the mask lets through: all that the owning group and the named entries are to have.
mode_t maskOf(const AccessList& list) {
  mode_t mask = groupBits(list.mode);
  for (const AccessList::Named& named : list.named) {
    mask |= named.permissions;
  }
  return mask;
}

void addEntry(Acl& acl, acl_tag_t tag, const id_t* id, mode_t permissions) {
  acl_entry_t entry = nullptr;
  acl_permset_t set = nullptr;
  if (::acl_create_entry(&acl.pointer, &entry) != 0 || ::acl_set_tag_type(entry, tag) != 0 ||
      (id != nullptr && ::acl_set_qualifier(entry, id) != 0) ||
      ::acl_get_permset(entry, &set) != 0) {
    throwFileError(errno, "cannot build an access control list");
  }
  ::acl_clear_perms(set);
  for (const acl_perm_t permission : kPermissions) {
    if ((permissions & permission) != 0) {
      ::acl_add_perm(set, permission);
    }
  }
}

// Writes the list with the given mask; false when the file system has no ACLs. Linux sets the group
// bits of the mode to the mask, or without named entries to the owning group's permissions.
bool storeAcl(int fd, const AccessList& list, mode_t mask, const std::string& path) {
  Acl acl(::acl_init(static_cast<int>(list.named.size()) + 4));
  if (acl.pointer == nullptr) {
    throwFileError(errno, "cannot build an access control list");
  }
  addEntry(acl, ACL_USER_OBJ, nullptr, ownerBits(list.mode));
  addEntry(acl, ACL_GROUP_OBJ, nullptr, groupBits(list.mode));
  addEntry(acl, ACL_OTHER, nullptr, otherBits(list.mode));
  for (const AccessList::Named& named : list.named) {
    addEntry(acl, named.who.is_group ? ACL_GROUP : ACL_USER, &named.who.id, named.permissions);
  }
  if (!list.named.empty()) {
    addEntry(acl, ACL_MASK, nullptr, mask);
  }
  if (::acl_set_file(descriptorPath(fd).c_str(), ACL_TYPE_ACCESS, acl.pointer) == 0) {
    return true;
  }
  if (errno == EOPNOTSUPP || errno == ENOSYS) {
    return false;
  }
  throwFileError(errno, "cannot set the access control list of " + path);
}

mode_t permissionsOf(acl_entry_t entry) {
  acl_permset_t set = nullptr;
  ::acl_get_permset(entry, &set);
  mode_t permissions = 0;
  for (const acl_perm_t permission : kPermissions) {
    if (::acl_get_perm(set, permission) == 1) {
      permissions |= permission;
    }
  }
  return permissions;
}

void readEntry(acl_entry_t entry, AccessList& list) {
  acl_tag_t tag = ACL_UNDEFINED_TAG;
  ::acl_get_tag_type(entry, &tag);
  if (tag == ACL_GROUP_OBJ) {
    list.mode = (list.mode & ~mode_t{070}) | (permissionsOf(entry) << 3);
  } else if (tag == ACL_USER || tag == ACL_GROUP) {
    const std::unique_ptr<void, AclFree> id(::acl_get_qualifier(entry));
    list.named.push_back(
        {{*static_cast<const id_t*>(id.get()), tag == ACL_GROUP}, permissionsOf(entry)});
  }
}

}  // namespace

AccessList readAccessList(int fd, const std::string& path) {
  AccessList list;
  list.mode = statDescriptor(fd, path).st_mode & 07777U;
  const Acl acl(::acl_get_file(descriptorPath(fd).c_str(), ACL_TYPE_ACCESS));
  if (acl.pointer == nullptr) {
    if (errno == EOPNOTSUPP || errno == ENOSYS) {
      return list;
    }
    throwFileError(errno, "cannot read the access control list of " + path);
  }
  acl_entry_t entry = nullptr;
  for (int which = ACL_FIRST_ENTRY; ::acl_get_entry(acl.pointer, which, &entry) == 1;
       which = ACL_NEXT_ENTRY) {
    readEntry(entry, list);
  }
  std::sort(list.named.begin(), list.named.end());
  return list;
}

void writeAccessList(int fd, const AccessList& wanted, const std::string& path) {
  const mode_t now = statDescriptor(fd, path).st_mode;
  const mode_t mask = maskOf(wanted);
  // First the entries under the mode of now, then the mode, which carries the mask. In one step
  // tmpfs shows the new group bits before the list is there that says they are only a mask.
  AccessList first = wanted;
  first.mode = (now & 0707U) | (wanted.mode & 070U);
  if (wanted.named.empty()) {
    first.mode = now & 0777U;
  }
  if (!storeAcl(fd, first, groupBits(now), path) && !wanted.named.empty()) {
    throwUnsupported(path);
  }
  const mode_t mode = (wanted.mode & 07707U) | (mask << 3);
  if (::chmod(descriptorPath(fd).c_str(), mode) != 0) {
    throwFileError(errno, "cannot set mode " + describeMode(mode) + " on " + path);
  }
  const struct stat result = statDescriptor(fd, path);
  if ((result.st_mode & 07777U) != mode) {
    throwFileError(EPERM, path + " got mode " + describeMode(result.st_mode) + " instead of " +
                              describeMode(mode) +
                              " (setgid needs membership in the directory's group)");
  }
}

void removeDefaultAcl(int fd, const std::string& path) {
  if (::acl_delete_def_file(descriptorPath(fd).c_str()) != 0 && errno != EOPNOTSUPP &&
      errno != ENOSYS) {
    throwFileError(errno, "cannot remove the default access control list of " + path);
  }
}

void changeOwner(int fd, std::optional<uid_t> owner, std::optional<gid_t> group,
                 const std::string& path) {
  const struct stat now = statDescriptor(fd, path);
  const uid_t uid = owner.value_or(now.st_uid);
  const gid_t gid = group.value_or(now.st_gid);
  if (uid == now.st_uid && gid == now.st_gid) {
    return;
  }
  if (::fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0) {
    const int error = errno;
    std::string text = "cannot give " + path + " to uid " + std::to_string(uid) + ", gid " +
                       std::to_string(gid) + " as uid " + std::to_string(::geteuid());
    text += uid != now.st_uid ? ": another owner needs root"
                              : ": be a member of the group (SupplementaryGroups=), use a setgid "
                                "directory of that group, or use acl: instead";
    throwFileError(error, text);
  }
}

void applyAccess(int fd, const SocketAccess& access, const std::string& path) {
  if ((access.mode & ~mode_t{0777}) != 0) {
    throwFileError(EINVAL, "mode " + describeMode(access.mode) + " of " + path +
                               " has more than permission bits");
  }
  changeOwner(fd, access.owner, access.group, path);
  writeAccessList(fd, accessListOf(access, {}), path);
}

AccessList accessListOf(const SocketAccess& access, const std::vector<uid_t>& kept_out) {
  AccessList wanted;
  wanted.mode = access.mode;
  for (const uid_t uid : kept_out) {
    wanted.named.push_back({{uid, false}, 0});
  }
  for (const AclEntry& entry : access.acl) {
    const bool out =
        !entry.is_group && std::find(kept_out.begin(), kept_out.end(), entry.id) != kept_out.end();
    wanted.named.push_back({entry, out ? 0 : kReadWrite});
  }
  std::sort(wanted.named.begin(), wanted.named.end());
  wanted.named.erase(std::unique(wanted.named.begin(), wanted.named.end()), wanted.named.end());
  return wanted;
}

}  // namespace peerpool::net
