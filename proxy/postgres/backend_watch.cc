#include "proxy/postgres/backend_watch.h"

#include <utility>

#include "proxy/base/check.h"

namespace peerpool::postgres {

void BackendWatch::setAddress(const std::string& backend, const std::string& socket_path) {
  Address& address = addresses_[backend];
  if (address.socket_path == socket_path) {
    return;
  }
  const bool watched = address.watch != nullptr;
  set(backend, false);
  address.socket_path = socket_path;
  set(backend, watched);
}

void BackendWatch::set(const std::string& backend, bool watched) {
  const auto found = addresses_.find(backend);
  check(found != addresses_.end(), "a backend is watched whose address is known");
  Address& address = found->second;
  if (!watched && address.watch != nullptr) {
    loop_.deleteLater(std::move(address.watch));
  } else if (watched && address.watch == nullptr) {
    address.watch = std::make_unique<net::SocketWatch>(loop_, address.socket_path,
                                                       [this, backend] { appeared_(backend); });
  }
}

}  // namespace peerpool::postgres
