#include "proxy/net/inode_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <system_error>
#include <utility>

#include "proxy/net/file_error.h"

namespace peerpool::net {
namespace {

/// IN_ATTRIB is also what the loss of a name is.
constexpr std::uint32_t kInterest = IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;

}  // namespace

InodeWatch::InodeWatch(event::EventLoop& loop, std::function<void()> on_changed)
    : loop_(loop), on_changed_(std::move(on_changed)) {}

InodeWatch::~InodeWatch() { close(); }

void InodeWatch::close() {
  if (inotify_) {
    loop_.unwatch(inotify_.get(), *this);
    inotify_.reset();
  }
}

void InodeWatch::watch(const std::vector<int>& fds) {
  close();
  UniqueFd made(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (fds.empty() || !made) {
    return;
  }
  try {
    loop_.watch(made.get(), *this);
  } catch (const std::system_error&) {
    return;
  }
  inotify_ = std::move(made);
  for (const int fd : fds) {
    (void)::inotify_add_watch(inotify_.get(), descriptorPath(fd).c_str(), kInterest);
  }
}

void InodeWatch::onEvent(event::Readiness readiness) {
  (void)readiness;
  std::array<char, 4096> ignored;
  while (::read(inotify_.get(), ignored.data(), ignored.size()) > 0) {
  }
  on_changed_();
}

}  // namespace peerpool::net
