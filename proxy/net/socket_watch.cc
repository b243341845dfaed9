// inotify(7): one watch that moves along the path.

#include "proxy/net/socket_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <system_error>
#include <utility>

namespace peerpool::net {
namespace {

constexpr std::uint32_t kInterest =
    IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

/// A directory on the way may come and go while we look; polling is what is left if it does so
/// forever.
constexpr int kMostMoves = 16;

}  // namespace

SocketWatch::SocketWatch(event::EventLoop& loop, std::string path,
                         std::function<void()> on_appeared)
    : loop_(loop),
      path_(std::move(path)),
      on_appeared_(std::move(on_appeared)),
      inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_) {
    return;
  }
  try {
    loop_.watch(inotify_.get(), *this);
  } catch (const std::system_error&) {
    inotify_.reset();
    return;
  }
  watchDeepest();
}

SocketWatch::~SocketWatch() {
  if (inotify_) {
    loop_.unwatch(inotify_.get(), *this);
  }
}

void SocketWatch::onEvent(event::Readiness readiness) {
  (void)readiness;
  if (!readEvents()) {
    return;
  }
  const bool appeared = last_;
  watchDeepest();
  if (appeared || last_) {
    on_appeared_();
  }
}

/// True: the awaited name is there, or the directory is not what it was.
bool SocketWatch::readEvents() {
  bool news = false;
  alignas(inotify_event) std::array<char, 4096> buffer;
  while (true) {
    const ssize_t length = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (length <= 0) {
      return news;
    }
    for (std::size_t offset = 0; offset < static_cast<std::size_t>(length);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + offset, sizeof event);
      const char* name = buffer.data() + offset + sizeof event;
      const bool awaited =
          event.len > 0 && name_ == std::string_view(name, ::strnlen(name, event.len));
      const bool moved = (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_Q_OVERFLOW)) != 0;
      // What is left of an earlier watch says nothing.
      const bool ours = event.wd == watch_ || (event.mask & IN_Q_OVERFLOW) != 0;
      news = news || (ours && (awaited || moved));
      offset += sizeof event + event.len;
    }
  }
}

void SocketWatch::watchDeepest() {
  for (int moves = 0; moves < kMostMoves; ++moves) {
    std::string directory = path_;
    bool found = false;
    last_ = false;
    while (!found && directory.size() > 1) {
      const std::size_t slash = directory.rfind('/');
      if (slash == std::string::npos) {
        return;
      }
      name_ = directory.substr(slash + 1);
      last_ = directory.size() == path_.size();
      directory.resize(slash == 0 ? 1 : slash);
      found = watchDirectory(directory);
    }
    // The next one may have been made between the attempt to watch it and the watch above it.
    if (!found || last_ || ::access((directory + '/' + name_).c_str(), F_OK) != 0) {
      return;
    }
  }
}

bool SocketWatch::watchDirectory(const std::string& directory) {
  const int watch = ::inotify_add_watch(inotify_.get(), directory.c_str(), kInterest);
  if (watch < 0) {
    return false;
  }
  if (watch_ >= 0 && watch_ != watch) {
    // Fails when its directory is gone, and the watch with it.
    [[maybe_unused]] const int ignored = ::inotify_rm_watch(inotify_.get(), watch_);
  }
  watch_ = watch;
  return true;
}

}  // namespace peerpool::net
