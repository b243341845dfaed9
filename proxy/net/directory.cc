// The walk from the root, and making what is missing on it.

#include "proxy/net/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "proxy/net/file_error.h"

namespace peerpool::net {

namespace {

constexpr mode_t kOthersMayWrite = 022;
constexpr mode_t kSearch = 01;

std::vector<std::string> splitPath(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) {
      parts.push_back(path.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  const bool dots = std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part == "." || part == "..";
  });
  if (path.empty() || path.front() != '/' || dots || path.find('\0') != std::string::npos) {
    throwFileError(EINVAL, "a directory must be absolute, without '.' and '..': " + path);
  }
  return parts;
}

[[noreturn]] void refuseLink(const std::string& link) {
  std::string text = link + " is a symbolic link";
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(link.c_str(), nullptr),
                                                         &std::free);
  if (real != nullptr) {
    text += "; write " + std::string(real.get()) + " instead";
  }
  throwFileError(ELOOP, text);
}

// Throws unless what is at `path` is a directory in which no stranger can replace files.
void judge(const struct stat& file, const std::string& path, std::vector<std::string>& warnings) {
  if (!S_ISDIR(file.st_mode)) {
    throwFileError(ENOTDIR, path + " is " + describeFile(file));
  }
  const std::string facts = "directory " + path + " (uid " + std::to_string(file.st_uid) +
                            ", mode " + describeMode(file.st_mode) + ")";
  if (file.st_uid != 0 && file.st_uid != ::geteuid()) {
    throwFileError(EPERM, facts + " belongs neither to root nor to uid " +
                              std::to_string(::geteuid()) +
                              ": its owner could replace the socket; use another directory or "
                              "chown it");
  }
  if ((file.st_mode & kOthersMayWrite) == 0) {
    return;
  }
  if ((file.st_mode & S_ISVTX) == 0 || file.st_uid != 0) {
    throwFileError(EPERM, facts +
                              " can be written by others: they could replace the socket; "
                              "chmod go-w it or use another directory");
  }
  warnings.push_back(facts +
                     " can be written by others: nobody can replace the socket while it is "
                     "there, but anybody can take its name before");
}

UniqueFd openPart(int parent_fd, const std::string& name) {
  return UniqueFd(::openat(parent_fd, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

[[noreturn]] void refuseMissing(int error, const std::string& path) {
  throwFileError(error,
                 "cannot open directory " + path +
                     (error == ENOENT ? "; make it, or let directories: have it with create: "
                                        "true"
                                      : std::string()));
}

UniqueFd openRoot(CheckedDirectory& result) {
  UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) {
    refuseMissing(errno, "/");
  }
  judge(statDescriptor(root.get(), "/"), "/", result.warnings);
  return root;
}

AccessList withoutNamed(mode_t mode) {
  AccessList list;
  list.mode = mode;
  return list;
}

// Owner, group and mode of a directory that mkdirat() just made with mode 0700.
void finishNew(int fd, const DirectoryOptions& options) {
  removeDefaultAcl(fd, options.path);  // Came from the parent's.
  changeOwner(fd, options.owner, options.group, options.path);
  AccessList wanted = withoutNamed(options.mode);
  if (!options.group) {
    wanted.mode |= statDescriptor(fd, options.path).st_mode & S_ISGID;  // From a setgid parent.
  }
  writeAccessList(fd, wanted, options.path);
}

UniqueFd makeDirectory(int parent_fd, const std::string& name, const DirectoryOptions& options) {
  if (::mkdirat(parent_fd, name.c_str(), 0700) != 0) {
    throwFileError(
        errno, "cannot make directory " + options.path + " as uid " + std::to_string(::geteuid()));
  }
  // Left behind with mode 0700 it would be taken for an administrator's by the next attempt.
  const auto remove = [&] { ::unlinkat(parent_fd, name.c_str(), AT_REMOVEDIR); };
  UniqueFd made = openPart(parent_fd, name);
  if (!made) {
    const int error = errno;
    remove();
    refuseMissing(error, options.path);
  }
  bool replaced = false;
  try {
    const struct stat file = statDescriptor(made.get(), options.path);
    replaced = !S_ISDIR(file.st_mode) || file.st_uid != ::geteuid();
    if (replaced) {
      throwFileError(EEXIST, "somebody replaced the new directory " + options.path + " by " +
                                 describeFile(file));
    }
    finishNew(made.get(), options);
  } catch (...) {
    if (!replaced) {
      remove();
    }
    throw;
  }
  return made;
}

// An existing directory: as asked, or ours to mend.
void mendDirectory(int fd, const DirectoryOptions& options) {
  const struct stat file = statDescriptor(fd, options.path);
  AccessList wanted = readAccessList(fd, options.path);
  const mode_t inherited = options.group ? 0 : wanted.mode & S_ISGID;
  const bool same_mode = wanted.mode == (options.mode | inherited);
  const uid_t owner = options.owner.value_or(::geteuid());
  if (same_mode && file.st_uid == owner && options.group.value_or(file.st_gid) == file.st_gid) {
    return;
  }
  // A sticky one (/tmp) was not made by us, also when root asks for it.
  const bool ours = (file.st_mode & S_ISVTX) == 0 &&
                    (file.st_uid == ::geteuid() || (::geteuid() == 0 && file.st_uid == owner));
  if (!ours) {
    throwFileError(EPERM, options.path + " is " + describeFile(file) + ", not uid " +
                              std::to_string(owner) + ", mode " + describeMode(options.mode) +
                              " as configured, and uid " + std::to_string(::geteuid()) +
                              " did not make it; mend it by hand, or let create: false use it");
  }
  changeOwner(fd, owner, options.group, options.path);
  wanted.mode = options.mode | inherited;
  writeAccessList(fd, wanted, options.path);
}

// Opens part after part; with `create`, the last one becomes as it says and missing ones are made.
CheckedDirectory walk(const std::string& path, const DirectoryOptions* create) {
  CheckedDirectory result;
  result.fd = openRoot(result);
  const std::vector<std::string> parts = splitPath(path);
  std::string walked;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    walked += '/' + parts[i];
    UniqueFd next = openPart(result.fd.get(), parts[i]);
    if (!next && errno == ENOENT && create != nullptr) {
      const DirectoryOptions parent{walked, 0755, std::nullopt, std::nullopt};
      result.fd = makeDirectory(result.fd.get(), parts[i], last ? *create : parent);
      continue;
    }
    if (!next) {
      refuseMissing(errno, walked);
    }
    const struct stat file = statDescriptor(next.get(), walked);
    if (S_ISLNK(file.st_mode)) {
      refuseLink(walked);
    }
    if (last && create != nullptr && S_ISDIR(file.st_mode)) {
      mendDirectory(next.get(), *create);
    } else {
      judge(file, walked, result.warnings);
    }
    result.fd = std::move(next);
  }
  return result;
}

}  // namespace

CheckedDirectory openCheckedDirectory(const std::string& path) { return walk(path, nullptr); }

std::vector<std::string> createDirectory(const DirectoryOptions& options) {
  if ((options.mode & (kOthersMayWrite | S_ISUID | S_ISVTX)) != 0) {
    throwFileError(EINVAL, "mode " + describeMode(options.mode) + " of directory " + options.path +
                               ": only its owner may write in a directory of sockets");
  }
  return walk(options.path, &options).warnings;
}

void grantSearch(const std::string& path, const std::vector<AclEntry>& entries) {
  const CheckedDirectory directory = openCheckedDirectory(path);
  AccessList list = readAccessList(directory.fd.get(), path);
  const AccessList before = list;
  for (const AclEntry& entry : entries) {
    const auto known =
        std::find_if(list.named.begin(), list.named.end(),
                     [&](const AccessList::Named& named) { return named.who == entry; });
    if (known == list.named.end()) {
      list.named.push_back({entry, kSearch});
    } else {
      known->permissions |= kSearch;
    }
  }
  std::sort(list.named.begin(), list.named.end());
  if (list != before) {
    writeAccessList(directory.fd.get(), list, path);
  }
}

}  // namespace peerpool::net
