#include "auth/process_facts.h"

namespace peerpool::auth {

std::shared_ptr<const ProcessFacts> imaginedProcess(const std::string& unit,
                                                    const std::string& executable) {
  auto facts = std::make_shared<ProcessFacts>();
  const auto place = parseCgroupPath(unit.empty() ? "/" : "/system.slice/" + unit);
  facts->cgroup = place ? Fact<CgroupPlace>::known(*place)
                        : Fact<CgroupPlace>::unknown("this is no name of a unit");
  facts->apart = Fact<bool>::known(false);
  Executable program;
  program.path = executable;
  program.made_up = true;
  program.sha256_why_not = "it is made up";
  facts->executable = Fact<Executable>::known(std::move(program));
  facts->label = Fact<std::string>::unknown("it is made up");
  return facts;
}

std::string_view unitInstance(const Identity& peer) noexcept {
  const CgroupPlace* const place =
      peer.known && peer.process != nullptr ? peer.process->cgroup.find() : nullptr;
  return place == nullptr ? std::string_view() : std::string_view(place->instance);
}

}  // namespace peerpool::auth
