// A Unix socket at a path of the file system: bound, with exactly the permissions asked for, and
// only then listening at its name. It accepts nothing; a listener does.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/base/unique_fd.h"
#include "proxy/net/access.h"
#include "proxy/net/directory.h"
#include "proxy/net/lock_file.h"

namespace peerpool::net {

enum class SocketKind : std::uint8_t { Stream, SeqPacket, Datagram };

struct SocketFileOptions {
  std::string
      path;  ///< Absolute, may be longer than sun_path; the last part at most kMaxSocketName.
  SocketKind kind = SocketKind::Stream;
  SocketAccess access;
  int backlog = 4096;  ///< Pending connections; the kernel cuts it to net.core.somaxconn.
  friend bool operator==(const SocketFileOptions&, const SocketFileOptions&) = default;
};

/// Bytes of the file's name: with its temporary prefix and suffix it must fit sun_path (107 bytes)
/// behind
/// "/proc/self/fd/N/".
inline constexpr std::size_t kMaxSocketName = 68;

/// Exists only in working order. Its constructor leaves nothing behind when it throws, and never
/// touches a live socket or anything that is no socket; a stale socket of root's or of this
/// process' account is replaced. Nobody whom `access` does not let in can connect at any
/// instant, not even to the temporary name: the file is born with mode 0 (fchmod before bind, so
/// that the umask, which other threads use too, is left alone), and is only ever widened.
///
/// It is bound to its path, which clients then see as the peer's address (getpeername(2)): some
/// follow it when they cancel. Not so one that replaces a predecessor, which has to keep the name
/// until the new one can take it: rename(2) leaves the address as it was. The same goes for
/// datagrams and paths of more than 107 bytes.
/// Descriptors cannot be passed to the socket (SO_PASSRIGHTS, Linux 6.16; older kernels: readers
/// must not offer a control buffer).
class SocketFile {
 public:
  /// What somebody else did to the file.
  struct Drift {
    enum class Kind {
      Permissions,  ///< Mode, owner, group or access control list.
      Gone,         ///< Nothing has its name.
      Replaced,     ///< Something else has its name.
      Elsewhere,    ///< The path leads to another directory than it did.
    };
    Kind kind = Kind::Gone;
    std::string expected;  ///< "mode 0660 owner 0 group 100 acl u:1000:6".
    std::string actual;    ///< The same, or what is there.
    friend bool operator==(const Drift&, const Drift&) = default;
  };

  /// Makes it and puts it in place. Throws std::system_error with path, reason, owner and remedy.
  explicit SocketFile(const SocketFileOptions& options);

  /// All that can fail but the last step, for who has several to put in place or none: until
  /// publish() its file refuses everybody (ECONNREFUSED), or, with a predecessor, has a temporary
  /// name. `predecessor` is null, or the one at the same path
  /// that it replaces; it must outlive settle(). The predecessor's lock file goes along; one that
  /// somebody removed is taken anew, unless somebody else has the name meanwhile.
  [[nodiscard]] static std::unique_ptr<SocketFile> prepare(const SocketFileOptions& options,
                                                           SocketFile* predecessor);
  /// Puts a prepared one in place, atomically: whoever connects gets either the predecessor or this
  /// one. Throws std::system_error. Until settle(), destroying it puts the predecessor back.
  void publish();
  /// For good. The predecessor's socket still accepts who is in its backlog; it can be destroyed.
  void settle() noexcept;

  /// Removes the file if it is still the one made here, and the lock file. Closes the socket unless
  /// taken. Connections in the backlog are lost: accept until EAGAIN first.
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

  /// The non-blocking, close-on-exec socket; still owned here.
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  /// Gives the socket away; the file is still removed by this object, which must outlive its use.
  [[nodiscard]] UniqueFd takeSocket() noexcept { return std::move(socket_); }

  [[nodiscard]] const std::string& path() const noexcept { return options_.path; }
  /// As it was asked for.
  [[nodiscard]] const SocketFileOptions& options() const noexcept { return options_; }
  /// False when somebody removed or replaced the file.
  [[nodiscard]] bool inPlace() const noexcept;
  /// Who owns the file, as made here.
  [[nodiscard]] uid_t owner() const noexcept { return permissions_.owner; }
  /// After publish(): the kernel refuses `uids` (EACCES) before they take a place in the backlog,
  /// all others are let in as before. Replaces what the last call said. Has no effect on root and
  /// on the file's owner. False: somebody changed who may connect, so the file is left as it is.
  /// Throws std::system_error: no access control lists here, no room for so many.
  [[nodiscard]] bool keepOut(const std::vector<uid_t>& uids);
  /// After publish(): compares the file with how it was left here. Follows no link and changes
  /// nothing. Throws std::system_error when it cannot look.
  [[nodiscard]] std::optional<Drift> drift() const;
  /// Undoes Drift::Permissions, through the descriptor of the file that was made here. Throws
  /// std::system_error: they are somebody else's to change now.
  void restorePermissions();
  /// O_PATH, of the published file.
  [[nodiscard]] int fileFd() const noexcept { return file_.get(); }
  /// What an admin should know of the directories; see CheckedDirectory.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept {
    return directory_.warnings;
  }

 private:
  class BoundFile;
  SocketFile(const SocketFileOptions& options, SocketFile* predecessor);
  struct Permissions {
    AccessList list;
    mode_t mode = 0;  // With the mask, if there is a list.
    uid_t owner = 0;
    gid_t group = 0;
    friend bool operator==(const Permissions&, const Permissions&) = default;
  };
  [[nodiscard]] Permissions readPermissions(int fd) const;
  [[nodiscard]] static std::string describe(const Permissions& permissions);
  void startListening(int fd) const;
  void openInPlace();
  void putInPlace();
  void replacePredecessor();

  SocketFileOptions options_;
  std::string name_;
  SocketFile* predecessor_ = nullptr;  // Until settled.
  CheckedDirectory directory_;
  std::unique_ptr<LockFile> lock_;    // None before settle() if the predecessor holds it.
  std::unique_ptr<BoundFile> bound_;  // Until settled.
  UniqueFd socket_;
  UniqueFd to_listen_;  // The same one, bound to its own name and not listening: until publish().
  Permissions permissions_;  // As they were left here.
  UniqueFd file_;  // O_PATH, of the published file: keeps its inode number from being used again.
};

}  // namespace peerpool::net
