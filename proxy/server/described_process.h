// A process that somebody describes, as the facts that would be found out about it: for explain,
// and for peers that are made up to ask about a policy.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "auth/process_facts.h"
#include "config/peers.h"

namespace peerpool::server {

/// What is empty is as with a process that a user started by hand: in no unit, no container, a
/// program that nobody names.
struct ProcessDescription {
  std::string unit;    ///< Of the system's manager.
  std::string slice;   ///< In which that is.
  std::string cgroup;  ///< Its path, instead of unit and slice.
  std::string executable;
  std::string sha256;
  std::string label;
  std::optional<config::ContainerKind> container;

  [[nodiscard]] bool empty() const noexcept {
    return unit.empty() && slice.empty() && cgroup.empty() && executable.empty() &&
           sha256.empty() && label.empty() && !container;
  }
};

[[nodiscard]] std::shared_ptr<const auth::ProcessFacts> describedProcess(
    const ProcessDescription& description);

/// "in unit web.service, running /usr/bin/psql"; empty when nothing is described.
[[nodiscard]] std::string describe(const ProcessDescription& description);

/// "none", "any", "docker" or "podman".
[[nodiscard]] std::optional<config::ContainerKind> containerKind(const std::string& text);

}  // namespace peerpool::server
