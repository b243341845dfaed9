#include "proxy/server/audit_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "proxy/base/unique_fd.h"

namespace peerpool::server {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

}  // namespace

int readLines(const std::string& path, std::size_t longest,
              const std::function<void(std::string_view line, std::uint64_t number)>& onLine) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) {
    return errno;
  }
  std::vector<char> piece(kPiece);
  std::string partial;
  std::uint64_t number = 0;
  ssize_t got = 0;
  while ((got = ::read(fd.get(), piece.data(), piece.size())) != 0) {
    if (got < 0) {
      if (errno != EINTR) {
        return errno;
      }
      continue;
    }
    std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      partial += part.substr(0, longest + 1 - std::min(longest + 1, partial.size()));
      if (end == std::string_view::npos) {
        break;
      }
      bytes.remove_prefix(end + 1);
      onLine(partial, ++number);
      partial.clear();
    }
  }
  if (!partial.empty()) {
    onLine(partial, ++number);
  }
  return 0;
}

}  // namespace peerpool::server
