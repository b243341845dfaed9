// What others do to the socket files: noticed, told once for each change, and undone where that is
// wanted.

#include <algorithm>
#include <system_error>
#include <utility>

#include "proxy/server/door.h"

namespace peerpool::server {
namespace {

using Drift = net::SocketFile::Drift;

}  // namespace

bool Doors::Door::asMade() const {
  try {
    return file->inPlace() && !file->drift();
  } catch (const std::system_error&) {
    return false;
  }
}

void Doors::watchFiles() {
  std::vector<int> files;
  for (const std::unique_ptr<Door>& door : doors_) {
    if (door->file != nullptr) {
      files.push_back(door->file->fileFd());
    }
  }
  watch_.watch(files);
  set(files.empty() ? kNever : loop_.now() + kLookAgain);
}

void Doors::onTimer(TimePoint now) {
  bool changed = false;
  looked_ = now;
  for (std::unique_ptr<Door>& door : doors_) {
    changed = (door->file != nullptr && lookAt(door)) || changed;
  }
  if (changed) {
    watchFiles();  // A file that took the place of another is to be watched.
  }
  set(now + kLookAgain);
}

/// True when the file is another one now.
bool Doors::lookAt(std::unique_ptr<Door>& door) {
  std::optional<Drift> drift;
  try {
    drift = door->file->drift();
  } catch (const std::system_error& error) {
    drift = Drift{Drift::Kind::Elsewhere, "", error.what()};
  }
  if (!drift) {
    if (const auto told = std::exchange(door->told, std::nullopt)) {
      report(*door, *told, true, "somebody else did it");
    }
    return false;
  }
  const bool news = door->told != drift;
  const net::SocketFile* before = door->file.get();
  const std::string trouble = door->repair ? mend(door, *drift) : "repair is not set";
  const bool mended = trouble.empty();
  if (news || (!mended && door->trouble != trouble)) {
    report(*door, *drift, false, trouble);
  }
  if (mended) {
    report(*door, *drift, true, "repair");
  }
  door->trouble = trouble;
  door->told = mended ? std::nullopt : drift;
  return door->file.get() != before;
}

/// Empty, or why not.
std::string Doors::mend(std::unique_ptr<Door>& door, const Drift& drift) {
  if (drift.kind == Drift::Kind::Elsewhere) {
    return "it cannot be mended while peerpool runs; restart it";
  }
  if (drift.kind == Drift::Kind::Permissions) {
    try {
      door->kept_out.reset();
      door->file->restorePermissions();
      return {};
    } catch (const std::system_error&) {
      // It is not ours to change any more; a new one in its place is.
    }
  }
  try {
    replace(door);
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

/// A new file of the same kind takes the place of the one there. Throws std::system_error, and
/// then nothing has changed; that is so when a process is bound to what is there.
void Doors::replace(std::unique_ptr<Door>& door) {
  auto made = std::make_unique<Door>();
  made->name = door->name;
  made->path = door->path;
  made->repair = door->repair;
  made->file = net::SocketFile::prepare(door->file->options(), door->file.get());
  listen(*made, made->file->takeSocket());
  try {
    made->file->publish();
  } catch (...) {
    made->file.reset();  // Before its socket closes.
    throw;
  }
  made->file->settle();
  std::swap(door, made);
  door->told = made->told;
  retire(std::move(made));
}

void Doors::report(const Door& door, const Drift& drift, bool mended, const std::string& reason) {
  log_.write({LogLevel::Warning,
              mended ? "socket file mended" : "socket file changed",
              {{"listener", door.name},
               {"path", door.path},
               {"expected", drift.expected},
               {"actual", drift.actual},
               {"reason", reason}}});
  if (on_drift_) {
    AuditEvent event;
    event.action = mended ? AuditAction::SocketMended : AuditAction::SocketDrift;
    event.listener = door.name;
    event.address = door.path;
    event.expected = drift.expected;
    event.actual = drift.actual;
    event.reason = reason;
    on_drift_(std::move(event));
  }
}

std::vector<admin::DriftReport> Doors::drift() const {
  std::vector<admin::DriftReport> reports;
  for (const std::unique_ptr<Door>& door : doors_) {
    if (door->told) {
      reports.push_back(
          {door->name, door->path, door->told->expected, door->told->actual, door->trouble});
    }
  }
  return reports;
}

}  // namespace peerpool::server
