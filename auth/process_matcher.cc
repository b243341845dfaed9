// Matching, describing and explaining, key by key; the three must agree.

#include "auth/process_matcher.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "auth/name_pattern.h"
#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

using config::ContainerKind;
using Patterns = std::vector<config::TextPattern>;

constexpr std::string_view kEnforcing = " (enforce)";
constexpr char kWritable[] = "others than root may write its file by now";

bool anyMatches(const Patterns& patterns, std::string_view text) noexcept {
  return std::any_of(patterns.begin(), patterns.end(), [text](const config::TextPattern& pattern) {
    return globMatches(pattern.text, text);
  });
}

bool anyEquals(const Patterns& patterns, std::string_view text) noexcept {
  return std::any_of(patterns.begin(), patterns.end(),
                     [text](const config::TextPattern& pattern) { return pattern.text == text; });
}

std::string listed(const Patterns& patterns) {
  std::vector<std::string> texts;
  for (const config::TextPattern& pattern : patterns) {
    texts.push_back(pattern.text);
  }
  return joined(texts);
}

std::string_view containerText(ContainerKind kind) noexcept {
  switch (kind) {
    case ContainerKind::None:
      return "none";
    case ContainerKind::Any:
      return "any";
    case ContainerKind::Docker:
      return "docker";
    case ContainerKind::Podman:
      return "podman";
  }
  return {};
}

/// A profile that only complains confines nothing: its name then stands with its mode.
std::string_view apparmorProfile(std::string_view label) noexcept {
  const bool enforcing = label.size() > kEnforcing.size() &&
                         label.substr(label.size() - kEnforcing.size()) == kEnforcing;
  return enforcing ? label.substr(0, label.size() - kEnforcing.size()) : label;
}

const CgroupPlace* placeOf(const ProcessFacts& facts) noexcept { return facts.cgroup.find(); }

const ProcessFacts& factsOf(const Identity& peer) noexcept {
  static const ProcessFacts kNothing;
  return peer.process == nullptr ? kNothing : *peer.process;
}

/// Of a program at a path that is asked for, which is another file.
std::string whyUnproven(const Executable& executable) {
  return executable.deleted ? "it runs a file that was removed or replaced since it started"
                            : "that path led to another file when the configuration was loaded";
}

}  // namespace

ProcessMatcher::ProcessMatcher(config::ProcessMatcher source,
                               std::vector<std::optional<FileId>> files)
    : source_(std::move(source)), files_(std::move(files)) {}

bool ProcessMatcher::asks(Key key) const noexcept {
  switch (key) {
    case Key::Unit:
      return !source_.units.empty();
    case Key::Slice:
      return !source_.slices.empty();
    case Key::Cgroup:
      return !source_.cgroups.empty();
    case Key::Container:
      return !source_.containers.empty();
    case Key::Executable:
      return !source_.executables.empty();
    case Key::Digest:
      return !source_.digests.empty();
    case Key::Selinux:
      return !source_.selinux.empty();
    case Key::Apparmor:
      return !source_.apparmor.empty();
  }
  return false;
}

Truth ProcessMatcher::holds(Key key, const ProcessFacts& facts) const noexcept {
  const CgroupPlace* const place = placeOf(facts);
  const std::string* const label = facts.label.find();
  switch (key) {
    case Key::Unit:
      return place == nullptr ? Truth::Unknown : truthOf(anyMatches(source_.units, place->unit));
    case Key::Slice:
      return place == nullptr ? Truth::Unknown
                              : truthOf(std::any_of(place->slices.begin(), place->slices.end(),
                                                    [&](const std::string& slice) {
                                                      return anyEquals(source_.slices, slice);
                                                    }));
    case Key::Cgroup:
      return place == nullptr ? Truth::Unknown : truthOf(anyMatches(source_.cgroups, place->path));
    case Key::Container:
      return containerHolds(facts);
    case Key::Executable:
      return executableHolds(facts);
    case Key::Digest: {
      const Executable* const executable = facts.executable.find();
      return executable == nullptr || executable->sha256.empty()
                 ? Truth::Unknown
                 : truthOf(anyEquals(source_.digests, executable->sha256));
    }
    case Key::Selinux:
      return label == nullptr ? Truth::Unknown : truthOf(anyMatches(source_.selinux, *label));
    case Key::Apparmor:
      return label == nullptr ? Truth::Unknown
                              : truthOf(anyMatches(source_.apparmor, apparmorProfile(*label)));
  }
  return Truth::Unknown;
}

Truth ProcessMatcher::containerHolds(const ProcessFacts& facts) const noexcept {
  const CgroupPlace* const place = placeOf(facts);
  const bool* const apart = facts.apart.find();
  Truth result = Truth::No;
  for (const ContainerKind kind : source_.containers) {
    Truth truth = Truth::Unknown;
    switch (kind) {
      case ContainerKind::None:
        truth = apart == nullptr ? Truth::Unknown : truthOf(!*apart);
        break;
      case ContainerKind::Any:
        truth = apart == nullptr ? Truth::Unknown : truthOf(*apart);
        break;
      case ContainerKind::Docker:
        truth =
            place == nullptr ? Truth::Unknown : truthOf(place->engine == ContainerEngine::Docker);
        break;
      case ContainerKind::Podman:
        truth =
            place == nullptr ? Truth::Unknown : truthOf(place->engine == ContainerEngine::Podman);
        break;
    }
    result = either(result, truth);
  }
  return result;
}

Truth ProcessMatcher::executableHolds(const ProcessFacts& facts) const noexcept {
  const Executable* const executable = facts.executable.find();
  if (executable == nullptr) {
    return Truth::Unknown;
  }
  if (executable->made_up) {
    return truthOf(anyEquals(source_.executables, executable->path));
  }
  if (std::find(files_.begin(), files_.end(), executable->file) == files_.end()) {
    return Truth::No;
  }
  return executable->roots_alone ? Truth::Yes : Truth::Unknown;
}

Truth ProcessMatcher::matches(const Identity& peer) const noexcept {
  Truth result = Truth::Yes;
  for (const Key key : kKeys) {
    if (asks(key)) {
      result = both(result, holds(key, factsOf(peer)));
    }
  }
  return result;
}

std::string ProcessMatcher::describe(Key key) const {
  switch (key) {
    case Key::Unit:
      return "unit " + listed(source_.units);
    case Key::Slice:
      return "slice " + listed(source_.slices);
    case Key::Cgroup:
      return "cgroup " + listed(source_.cgroups);
    case Key::Container: {
      std::vector<std::string> kinds;
      for (const ContainerKind kind : source_.containers) {
        kinds.emplace_back(containerText(kind));
      }
      return "container " + joined(kinds);
    }
    case Key::Executable:
      return "exe " + listed(source_.executables);
    case Key::Digest:
      return "exe_sha256 " + listed(source_.digests);
    case Key::Selinux:
      return "selinux " + listed(source_.selinux);
    case Key::Apparmor:
      return "apparmor " + listed(source_.apparmor);
  }
  return {};
}

std::vector<std::string> ProcessMatcher::describe() const {
  std::vector<std::string> texts;
  for (const Key key : kKeys) {
    if (asks(key)) {
      texts.push_back(describe(key));
    }
  }
  return texts;
}

std::string ProcessMatcher::whyNot(Key key, const ProcessFacts& facts, Truth truth) const {
  const CgroupPlace* const place = placeOf(facts);
  const Executable* const executable = facts.executable.find();
  const std::string wanted = describe(key);
  if (truth == Truth::Unknown) {
    const std::string why = key == Key::Executable && executable != nullptr ? kWritable
                            : key == Key::Executable ? facts.executable.whyNot()
                            : key == Key::Digest && executable != nullptr
                                ? executable->sha256_why_not
                            : key == Key::Digest ? facts.executable.whyNot()
                            : key == Key::Selinux || key == Key::Apparmor ? facts.label.whyNot()
                            : key == Key::Container && place != nullptr   ? facts.apart.whyNot()
                                                                          : facts.cgroup.whyNot();
    return "it cannot be known whether the process is of " + wanted + ": " + why;
  }
  const std::string is_not = "the process is not of " + wanted + ": ";
  switch (key) {
    case Key::Unit:
      return is_not +
             (place->unit.empty() ? "it is in no unit, but in cgroup " + quoted(place->path)
                                  : "its unit is " + quoted(place->unit)) +
             (place->user_unit.empty() ? std::string()
                                       : "; what a user's manager calls " +
                                             quoted(place->user_unit) + " does not count");
    case Key::Slice:
      return is_not + (place->slices.empty() ? std::string("it is in no slice")
                                             : "it is in " + joined(place->slices));
    case Key::Cgroup:
      return is_not + "its cgroup is " + quoted(place->path);
    case Key::Container:
      return is_not + (facts.apart.isKnown() && *facts.apart.find()
                           ? "it has namespaces or a root of its own"
                           : "it shares our namespaces");
    case Key::Executable:
      return is_not + "it runs " + quoted(executable->path) +
             (anyEquals(source_.executables, executable->path) ? ", but " + whyUnproven(*executable)
                                                               : std::string());
    case Key::Digest:
      return is_not + "it is " + executable->sha256;
    case Key::Selinux:
    case Key::Apparmor:
      return is_not + "its label is " + quoted(*facts.label.find());
  }
  return {};
}

std::string ProcessMatcher::whyNot(const Identity& peer) const {
  const Truth result = matches(peer);
  for (const Key key : kKeys) {
    const ProcessFacts& facts = factsOf(peer);
    if (result != Truth::Yes && asks(key) && holds(key, facts) == result) {
      return whyNot(key, facts, result);
    }
  }
  return {};
}

Looks looksOf(const config::Matcher& source) noexcept {
  const config::ProcessMatcher& process = source.process;
  Looks looks;
  looks.apart = !process.containers.empty();
  looks.cgroup =
      looks.apart || !process.units.empty() || !process.slices.empty() || !process.cgroups.empty();
  looks.sha256 = !process.digests.empty();
  looks.executable = looks.sha256 || !process.executables.empty();
  looks.label = !process.selinux.empty() || !process.apparmor.empty();
  for (const auto* below : {&source.any, &source.not_all_of}) {
    for (const config::Matcher& matcher : *below) {
      looks |= looksOf(matcher);
    }
  }
  return looks;
}

}  // namespace peerpool::auth
