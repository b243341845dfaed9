// Files, directories and access control lists.

#include <dirent.h>
#include <fcntl.h>
#include <sys/acl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdarg>
#include <cstdio>

#include "tests/faults/real_call.h"

using peerpool::faults::fails;
using peerpool::faults::Injector;
using peerpool::faults::kShort;
using peerpool::faults::realCall;

extern "C" {

int openat(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return fails("openat", {EINTR, EMFILE, ENFILE, ENOMEM, EACCES, ENOENT, ENOSPC, ELOOP})
             ? -1
             : realCall<decltype(::openat)>("openat")(directory, path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return fails("open", {EINTR, EMFILE, ENFILE, ENOMEM, EACCES, ENOENT, ENOSPC})
             ? -1
             : realCall<decltype(::open)>("open")(path, flags, mode);
}

int fchmod(int fd, mode_t mode) noexcept {
  return fails("fchmod", {EPERM, EIO, EROFS}) ? -1
                                              : realCall<decltype(::fchmod)>("fchmod")(fd, mode);
}

int chmod(const char* path, mode_t mode) noexcept {
  return fails("chmod", {EPERM, EIO, EROFS, ENOENT})
             ? -1
             : realCall<decltype(::chmod)>("chmod")(path, mode);
}

int fchownat(int fd, const char* path, uid_t uid, gid_t gid, int flags) noexcept {
  return fails("fchownat", {EPERM, EIO, EROFS})
             ? -1
             : realCall<decltype(::fchownat)>("fchownat")(fd, path, uid, gid, flags);
}

int fstat(int fd, struct stat* result) noexcept {
  return fails("fstat", {EIO, ENOMEM}) ? -1 : realCall<int(int, struct stat*)>("fstat")(fd, result);
}

int fstatat(int fd, const char* path, struct stat* result, int flags) noexcept {
  return fails("fstatat", {EIO, ENOMEM, EACCES, ENOENT})
             ? -1
             : realCall<int(int, const char*, struct stat*, int)>("fstatat")(fd, path, result,
                                                                             flags);
}

int renameat(int from_fd, const char* from, int to_fd, const char* to) noexcept {
  return fails("renameat", {EACCES, ENOSPC, EROFS, ENOENT, EIO})
             ? -1
             : realCall<decltype(::renameat)>("renameat")(from_fd, from, to_fd, to);
}

int renameat2(int from_fd, const char* from, int to_fd, const char* to, unsigned flags) noexcept {
  return fails("renameat2", {EEXIST, EACCES, ENOSPC, EROFS, ENOENT, EINVAL})
             ? -1
             : realCall<decltype(::renameat2)>("renameat2")(from_fd, from, to_fd, to, flags);
}

int linkat(int from_fd, const char* from, int to_fd, const char* to, int flags) noexcept {
  return fails("linkat", {EEXIST, EACCES, ENOSPC, EMLINK, EPERM})
             ? -1
             : realCall<decltype(::linkat)>("linkat")(from_fd, from, to_fd, to, flags);
}

int unlinkat(int fd, const char* path, int flags) noexcept {
  return fails("unlinkat", {EACCES, EROFS, EBUSY})
             ? -1
             : realCall<decltype(::unlinkat)>("unlinkat")(fd, path, flags);
}

int flock(int fd, int operation) noexcept {
  return fails("flock", {EINTR, ENOLCK, EWOULDBLOCK})
             ? -1
             : realCall<decltype(::flock)>("flock")(fd, operation);
}

ssize_t write(int fd, const void* buffer, size_t size) {
  const int way = Injector::instance().next("write", {EINTR, ENOSPC, EDQUOT, EIO, kShort});
  if (way > 0) {
    errno = way;
    return -1;
  }
  return realCall<decltype(::write)>("write")(fd, buffer, way == kShort ? size / 2 : size);
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  const int way = Injector::instance().next("pread", {EIO, EINTR, kShort});
  if (way > 0) {
    errno = way;
    return -1;
  }
  return realCall<decltype(::pread)>("pread")(fd, buffer, way == kShort ? 1 : size, offset);
}

// Also called by OpenSSL.
ssize_t getrandom(void* buffer, size_t size, unsigned flags) {
  return fails("getrandom", {EINTR})
             ? -1
             : realCall<decltype(::getrandom)>("getrandom")(buffer, size, flags);
}

DIR* fdopendir(int fd) {
  return fails("fdopendir", {ENOMEM}) ? nullptr : realCall<decltype(::fdopendir)>("fdopendir")(fd);
}

struct dirent* readdir(DIR* directory) {
  return fails("readdir", {EIO}) ? nullptr : realCall<decltype(::readdir)>("readdir")(directory);
}

acl_t acl_get_file(const char* path, acl_type_t type) {
  return fails("acl_get_file", {EOPNOTSUPP, ENOMEM, EACCES})
             ? nullptr
             : realCall<decltype(::acl_get_file)>("acl_get_file")(path, type);
}

int acl_set_file(const char* path, acl_type_t type, acl_t acl) {
  return fails("acl_set_file", {EOPNOTSUPP, EPERM, ENOSPC, EROFS})
             ? -1
             : realCall<decltype(::acl_set_file)>("acl_set_file")(path, type, acl);
}

int acl_delete_def_file(const char* path) {
  return fails("acl_delete_def_file", {EOPNOTSUPP, EPERM, EROFS})
             ? -1
             : realCall<decltype(::acl_delete_def_file)>("acl_delete_def_file")(path);
}

acl_t acl_init(int count) {
  return fails("acl_init", {ENOMEM}) ? nullptr : realCall<decltype(::acl_init)>("acl_init")(count);
}

int acl_create_entry(acl_t* acl, acl_entry_t* entry) {
  return fails("acl_create_entry", {ENOMEM})
             ? -1
             : realCall<decltype(::acl_create_entry)>("acl_create_entry")(acl, entry);
}
}
