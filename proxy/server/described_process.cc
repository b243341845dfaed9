#include "proxy/server/described_process.h"

#include <array>
#include <utility>

namespace peerpool::server {
namespace {

using auth::Fact;
using config::ContainerKind;

/// As long as the ids of engines; the kind of a container is all that a policy asks.
constexpr char kContainerId[] = "0000000000000000000000000000000000000000000000000000000000000000";

constexpr std::array kContainerNames = {
    std::pair{ContainerKind::None, "none"}, std::pair{ContainerKind::Any, "any"},
    std::pair{ContainerKind::Docker, "docker"}, std::pair{ContainerKind::Podman, "podman"}};

std::string containerText(ContainerKind kind) {
  switch (kind) {
    case ContainerKind::None:
      return "outside of containers";
    case ContainerKind::Any:
      return "in a container";
    case ContainerKind::Docker:
      return "in a container of docker";
    case ContainerKind::Podman:
      return "in a container of podman";
  }
  return {};
}

/// The scope that an engine makes for its container, where the cgroup shows which one it is.
std::string scopeOf(std::optional<ContainerKind> container) {
  return container == ContainerKind::Docker   ? std::string("docker-") + kContainerId + ".scope"
         : container == ContainerKind::Podman ? std::string("libpod-") + kContainerId + ".scope"
                                              : std::string();
}

std::string cgroupOf(const ProcessDescription& description) {
  if (!description.cgroup.empty()) {
    return description.cgroup;
  }
  std::string unit = scopeOf(description.container);
  if (!description.unit.empty()) {
    unit = description.unit;
  }
  if (description.slice.empty()) {
    return unit.empty() ? "/" : "/system.slice/" + unit;
  }
  return '/' + description.slice + '/' + (unit.empty() ? "example.service" : unit);
}

void add(std::string& text, const char* what, const std::string& value) {
  if (!value.empty()) {
    text += (text.empty() ? "" : ", ") + std::string(what) + value;
  }
}

}  // namespace

std::shared_ptr<const auth::ProcessFacts> describedProcess(const ProcessDescription& description) {
  auto facts =
      std::make_shared<auth::ProcessFacts>(*auth::imaginedProcess("", description.executable));
  const auto place = auth::parseCgroupPath(cgroupOf(description));
  facts->cgroup = place ? Fact<auth::CgroupPlace>::known(*place)
                        : Fact<auth::CgroupPlace>::unknown("this is no place of a process");
  facts->apart =
      Fact<bool>::known(description.container && *description.container != ContainerKind::None);
  if (!description.sha256.empty()) {
    auth::Executable program = *facts->executable.find();
    program.sha256 = description.sha256;
    facts->executable = Fact<auth::Executable>::known(std::move(program));
  }
  if (!description.label.empty()) {
    facts->label = Fact<std::string>::known(description.label);
  }
  return facts;
}

std::string describe(const ProcessDescription& description) {
  std::string text;
  add(text, "in unit ", description.unit);
  add(text, "in slice ", description.slice);
  add(text, "in cgroup ", description.cgroup);
  add(text, "running ", description.executable);
  add(text, "running a program with the SHA-256 ", description.sha256);
  add(text, "labelled ", description.label);
  if (description.container) {
    add(text, "", containerText(*description.container));
  }
  return text;
}

std::optional<ContainerKind> containerKind(const std::string& text) {
  for (const auto& [kind, name] : kContainerNames) {
    if (text == name) {
      return kind;
    }
  }
  return std::nullopt;
}

}  // namespace peerpool::server
