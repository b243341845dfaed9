// What this machine's kernel can tell of a peer's process, and what becomes of a configuration that
// asks for more.

#pragma once

#include <string>

#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::auth {

struct KernelFeatures {
  bool names_peers = true;  ///< SO_PEERPIDFD (Linux 6.5).
  bool cgroup2 = true;      ///< A cgroup2 file system is mounted.
  /// Why peerpool-attest cannot be asked about programs; empty: it can, or nobody tried.
  std::string unattested = {};
  /// What is unattested is an error; else a warning.
  bool attestation_required = true;
};

/// Does anything in `config` ask what program a peer runs?
[[nodiscard]] bool asksForPrograms(const config::Config& config);

/// Tries it out, but for peerpool-attest. Once for each load.
[[nodiscard]] KernelFeatures readKernelFeatures();

/// Keys that cannot be judged here are errors: never silently weaker. Only `containers: deny`,
/// which is the default, is given up with a warning where nobody wrote it. An empty file stands for
/// the whole of the configuration.
void adaptToKernel(config::Config& config, const KernelFeatures& features,
                   config::Diagnostics& out);

}  // namespace peerpool::auth
