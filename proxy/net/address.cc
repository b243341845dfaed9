// Short paths as they are, long ones through /proc.

#include "proxy/net/address.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace peerpool::net {

UnixAddress::UnixAddress(const std::string& path) {
  // A NUL would cut the path, or make it an abstract name, which has no file permissions.
  if (path.empty() || path.find('\0') != std::string::npos) {
    error_ = EINVAL;
    return;
  }
  std::string name = path;
  if (name.size() >= sizeof address_.sun_path) {
    const std::size_t slash = path.rfind('/');  // npos + 1 is 0: then all of it is the name.
    const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    directory_.reset(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory_) {
      error_ = errno;
      return;
    }
    name = "/proc/self/fd/" + std::to_string(directory_.get()) + '/' + path.substr(slash + 1);
    if (name.size() >= sizeof address_.sun_path) {
      error_ = ENAMETOOLONG;
      return;
    }
  }
  address_.sun_family = AF_UNIX;
  std::memcpy(address_.sun_path, name.c_str(), name.size() + 1);
}

}  // namespace peerpool::net
