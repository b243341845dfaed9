// One open door, for doors.cc and doors_drift.cc only.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/net/listener.h"
#include "proxy/net/socket_file.h"
#include "proxy/server/doors.h"
#include "proxy/server/kept_out.h"

namespace peerpool::server {

struct Doors::Door {
  std::string name;  // Of the listener; a reload may give the same file to another one.
  std::string path;
  bool repair = false;
  std::unique_ptr<net::SocketFile> file;  // None when it is somebody else's.
  std::unique_ptr<net::Listener> listener;
  std::unique_ptr<KeptOut> kept_out;             // Of the file; made when it is first needed.
  std::optional<net::SocketFile::Drift> told{};  // What has been reported.
  std::string trouble{};                         // Why that is not mended.

  /// As it was left here; false also when that cannot be seen.
  [[nodiscard]] bool asMade() const;
  [[nodiscard]] bool serves(const DoorPlan& plan) const {
    return path == plan.file.path &&
           (file == nullptr || (file->options() == plan.file && asMade()));
  }
};

}  // namespace peerpool::server
