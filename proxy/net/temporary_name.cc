// Making and cleaning of temporary names.

#include "proxy/net/temporary_name.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string_view>

#include "proxy/base/unique_fd.h"
#include "proxy/net/file_error.h"

namespace peerpool::net {

namespace {

constexpr std::size_t kDigits = 8;
constexpr std::string_view kHexadecimal = "0123456789abcdef";

std::string prefixOf(const std::string& socket_name) { return '.' + socket_name + ".tmp-"; }

bool isTemporary(std::string_view name, std::string_view prefix) {
  return name.size() == prefix.size() + kDigits && name.substr(0, prefix.size()) == prefix &&
         name.find_first_not_of(kHexadecimal, prefix.size()) == std::string_view::npos;
}

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

}  // namespace

std::string makeTemporaryName(const std::string& socket_name) {
  std::array<std::uint8_t, kDigits> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throwFileError(errno, "no random number for a temporary name");
  }
  std::string name = prefixOf(socket_name);
  for (const std::uint8_t byte : random) {
    name += kHexadecimal[byte & 0x0fU];
  }
  return name;
}

void removeTemporaryFiles(int directory_fd, const std::string& socket_name) {
  UniqueFd readable(::openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, DirectoryCloser> directory(readable ? ::fdopendir(readable.get())
                                                                 : nullptr);
  if (directory == nullptr) {
    return;
  }
  static_cast<void>(readable.release());  // closedir() closes it.
  const std::string prefix = prefixOf(socket_name);
  while (const dirent* entry = ::readdir(directory.get())) {
    struct stat file {};
    if (isTemporary(entry->d_name, prefix) &&
        ::fstatat(directory_fd, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
        file.st_uid == ::geteuid() && (S_ISSOCK(file.st_mode) || S_ISREG(file.st_mode))) {
      ::unlinkat(directory_fd, entry->d_name, 0);
    }
  }
}

}  // namespace peerpool::net
