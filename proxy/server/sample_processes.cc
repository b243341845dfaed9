#include "proxy/server/sample_processes.h"

#include <algorithm>
#include <cstddef>

namespace peerpool::server {
namespace {

using Patterns = std::vector<config::TextPattern>;

/// Entry `index`, or the last one; empty when there is none.
std::string entry(const Patterns& patterns, std::size_t index) {
  return patterns.empty() ? "" : exampleOf(patterns[std::min(index, patterns.size() - 1)].text);
}

void fill(Patterns& narrow, const Patterns& wide) {
  if (narrow.empty()) {
    narrow = wide;
  }
}

}  // namespace

std::string exampleOf(const std::string& text, const std::string& word) {
  std::string example;
  for (const char c : text) {
    example += c == '*' ? word : std::string(1, c);
  }
  return example;
}

config::ProcessMatcher narrowed(config::ProcessMatcher narrow, const config::ProcessMatcher& wide) {
  fill(narrow.units, wide.units);
  fill(narrow.slices, wide.slices);
  fill(narrow.cgroups, wide.cgroups);
  fill(narrow.executables, wide.executables);
  fill(narrow.digests, wide.digests);
  fill(narrow.selinux, wide.selinux);
  fill(narrow.apparmor, wide.apparmor);
  if (narrow.containers.empty()) {
    narrow.containers = wide.containers;
  }
  return narrow;
}

void SampleProcesses::add(const config::ProcessMatcher& matcher, const std::set<uid_t>& uids) {
  const std::size_t count =
      std::max({matcher.units.size(), matcher.slices.size(), matcher.cgroups.size(),
                matcher.containers.size(), matcher.executables.size(), matcher.digests.size(),
                matcher.selinux.size(), matcher.apparmor.size()});
  for (std::size_t i = 0; i < count; ++i) {
    ProcessDescription description;
    description.unit = entry(matcher.units, i);
    description.slice = entry(matcher.slices, i);
    description.cgroup = entry(matcher.cgroups, i);
    description.executable = entry(matcher.executables, i);
    description.sha256 = entry(matcher.digests, i);
    description.label = entry(matcher.selinux.empty() ? matcher.apparmor : matcher.selinux, i);
    if (!matcher.containers.empty()) {
      description.container = matcher.containers[std::min(i, matcher.containers.size() - 1)];
    }
    add(description, uids);
    for (const std::string& instance : instances_) {
      description.unit =
          matcher.units.empty()
              ? ""
              : exampleOf(matcher.units[std::min(i, matcher.units.size() - 1)].text, instance);
      add(description, uids);
    }
  }
}

void SampleProcesses::add(const ProcessDescription& description, const std::set<uid_t>& uids) {
  if (description.empty()) {
    return;
  }
  SampleProcess& process = all_[describe(description)];
  process.description = description;
  process.anybody = process.anybody || uids.empty();
  process.uids.insert(uids.begin(), uids.end());
}

}  // namespace peerpool::server
