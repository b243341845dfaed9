#include "proxy/postgres/farewell.h"

#include <utility>

namespace peerpool::postgres {

Farewell::Farewell(event::EventLoop& loop, UniqueFd fd, std::string_view words, TimePoint deadline,
                   Over over)
    : over_(std::move(over)), transport_(loop, std::move(fd), *this, net::Transport::Limits{}) {
  transport_.queue(words);
  transport_.finish(deadline);
}

void Farewell::onEnd(const Error& error) {
  (void)error;
  if (over_ != nullptr) {
    std::exchange(over_, nullptr)(*this);
  }
}

}  // namespace peerpool::postgres
