// One connect(2).

#include "proxy/net/connector.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "proxy/net/address.h"
#include "proxy/net/socket_options.h"

namespace peerpool::net {

ConnectResult connectUnix(const std::string& path) {
  const UnixAddress address(path);
  if (address.error() != 0) {
    return {ConnectOutcome::Failed, UniqueFd(), address.error()};
  }
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) {
    return {ConnectOutcome::Failed, UniqueFd(), errno};
  }
  refuseDescriptors(socket.get());
  int result = 0;
  do {
    result = ::connect(socket.get(), address.get(), address.size());
  } while (result != 0 && errno == EINTR);
  if (result == 0) {
    return {ConnectOutcome::Connected, std::move(socket), 0};
  }
  return {errno == EAGAIN ? ConnectOutcome::Busy : ConnectOutcome::Failed, UniqueFd(), errno};
}

}  // namespace peerpool::net
