// What a file is and whose, in words, for errors that an admin reads. Looks up no names: a
// directory service may be slow, so accounts are numbers here.

#pragma once

#include <sys/stat.h>

#include <string>

namespace peerpool::net {

/// "a socket", "a symbolic link", ... for the type bits of `mode`.
[[nodiscard]] std::string describeKind(mode_t mode);

/// The permission bits as an admin writes them: "0660".
[[nodiscard]] std::string describeMode(mode_t mode);

/// "a socket of uid 61001, gid 61001, mode 0660".
[[nodiscard]] std::string describeFile(const struct stat& file);

/// Throws std::system_error; its what() is `text`, a colon and the words for `error` (an errno).
[[noreturn]] void throwFileError(int error, const std::string& text);

/// The path that denotes whatever `fd` is open on, without walking to it again (proc(5)). Calls on
/// it cannot be led elsewhere by a symbolic link.
[[nodiscard]] std::string descriptorPath(int fd);

/// True when `name` in the directory is the very file that `fd` is open on.
[[nodiscard]] bool isNamed(int directory_fd, const std::string& name, int fd) noexcept;

/// fstat() of a descriptor, which may be an O_PATH one. `path` is for the error only.
[[nodiscard]] struct stat statDescriptor(int fd, const std::string& path);

}  // namespace peerpool::net
