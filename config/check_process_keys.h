// Grants that rest on nothing but what a process is, where that proves too little.

#pragma once

#include "config/validation.h"

namespace peerpool::config {

/// A program can be made to run foreign code (LD_PRELOAD, an interpreter, a debugger), a cgroup may
/// be somebody's own: so in an allow such keys must stand beside user, uid, group or gid. Only
/// systemd_unit and slice suffice alone: no user can put himself into a unit of the system.
void checkProcessKeys(const Validation& validation);

}  // namespace peerpool::config
