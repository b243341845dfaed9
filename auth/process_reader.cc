// The order is what makes it safe: the pidfd first, then a directory descriptor of /proc/PID, then
// the files below it, and at the end the question whether the process is still alive. If it is, the
// number was its own all the time.

#include "auth/process_reader.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "auth/proc_text.h"

namespace peerpool::auth {
namespace {

constexpr std::size_t kMostCached = 4096;
constexpr char kDied[] = "it ended before it was looked at";

std::string errorText(int number) {
  return std::error_code(number, std::generic_category()).message();
}

std::string rootOf(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    // Mount and parent, device, directory on it, mount point (proc(5)).
    const std::vector<std::string_view> fields = fieldsOf(mountinfo.substr(0, end));
    if (fields.size() > 4 && fields[4] == "/") {
      return std::string(fields[2]) + ' ' + std::string(fields[3]);
    }
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
  }
  return {};
}

/// Without the root, which costs as much as all the rest.
std::optional<Surroundings> surroundingsOf(int directory) {
  const auto uid_map = readBelow(directory, "uid_map");
  const auto status = readBelow(directory, "status");
  if (!uid_map || !status) {
    return std::nullopt;
  }
  return readSurroundings(*uid_map, *status, {});
}

std::optional<std::string> readRoot(int directory) {
  const auto mountinfo = readBelow(directory, "mountinfo");
  return mountinfo ? std::optional(rootOf(*mountinfo)) : std::nullopt;
}

/// SO_PEERSEC, of the time of connect(2) or accept(2); its length is not known before.
Fact<std::string> readLabel(int socket) {
  std::string label(256, '\0');
  for (int attempt = 0; attempt < 3; ++attempt) {
    socklen_t size = static_cast<socklen_t>(label.size());
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERSEC, label.data(), &size) == 0) {
      label.resize(size);
      label.resize(std::min(label.find('\0'), label.size()));
      return Fact<std::string>::known(std::move(label));
    }
    if (errno != ERANGE) {
      return Fact<std::string>::unknown("no security module labels sockets: " + errorText(errno));
    }
    label.resize(size);
  }
  return Fact<std::string>::unknown("its label does not keep its length");
}

/// Of a process that is not the one it was, or cannot be seen.
void knowNothing(ProcessFacts& facts, const Looks& looks, const std::string& why) {
  if (looks.executable) {
    facts.executable = Fact<Executable>::unknown(why);
  }
  if (looks.cgroup || looks.apart) {
    facts.cgroup = Fact<CgroupPlace>::unknown(why);
  }
  if (looks.apart) {
    facts.apart = Fact<bool>::unknown(why);
  }
}

}  // namespace

Surroundings readSurroundings(std::string_view uid_map, std::string_view status,
                              std::string_view mountinfo) {
  return {std::string(uid_map), fieldsOf(lineAfter(status, "NSpid:")).size(), rootOf(mountinfo)};
}

ProcessReader::ProcessReader() {
  const UniqueFd self(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (self) {
    own_ = surroundingsOf(self.get()).value_or(Surroundings{});
    own_.root = readRoot(self.get()).value_or("");
  }
}

ProcessReader::Seen ProcessReader::look(int socket, const Identity& peer, const Looks& looks) {
  Seen seen;
  ProcessFacts facts;
  Result<ProcessHandle> handle = ProcessHandle::ofPeer(socket);
  if (!handle && looks.racy) {
    handle = ProcessHandle::ofPid(peer.pid);
  }
  if (handle) {
    facts = lookAt(*handle, peer.uid, looks);
    if (looks.lifetime) {
      seen.handle = handle->release();
    }
  } else {
    knowNothing(facts, looks, handle.error().text);
  }
  if (looks.label) {
    facts.label = readLabel(socket);
  }
  seen.facts = shared(std::move(facts));
  return seen;
}

/// Ten thousand clients of one unit need not remember it ten thousand times.
std::shared_ptr<const ProcessFacts> ProcessReader::shared(ProcessFacts facts) {
  const CgroupPlace* const place = facts.cgroup.find();
  const bool* const apart = facts.apart.find();
  if (place == nullptr || facts.label.isKnown()) {
    return std::make_shared<const ProcessFacts>(std::move(facts));
  }
  if (shared_.size() == kMostCached) {
    shared_.clear();
  }
  std::string key = (apart == nullptr ? "" : *apart ? "y" : "n") + place->path;
  auto& known = shared_[std::move(key)];
  if (known == nullptr) {
    known = std::make_shared<const ProcessFacts>(std::move(facts));
  }
  return known;
}

ProcessFacts ProcessReader::lookAt(const ProcessHandle& process, uid_t uid, const Looks& looks) {
  ProcessFacts facts;
  if (!looks.cgroup && !looks.apart) {
    return facts;
  }
  const Result<ProcessInfo> info = process.info();
  if (!info) {
    knowNothing(facts, looks, info.error().code == ErrorCode::Closed ? kDied : info.error().text);
    return facts;
  }
  const UniqueFd directory(
      ::open(("/proc/" + std::to_string(info->pid)).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) {
    knowNothing(facts, looks, "/proc does not show it: " + errorText(errno));
    return facts;
  }
  const auto cached = info->cgroup_id ? cgroups_.find(*info->cgroup_id) : cgroups_.end();
  Cgroup cgroup;
  if (cached != cgroups_.end()) {
    cgroup = cached->second;
    facts.cgroup = Fact<CgroupPlace>::known(cgroup.place);
  } else {
    facts.cgroup = readCgroup(directory.get());
  }
  if (looks.apart) {
    facts.apart = readApart(directory.get(), facts.cgroup, cgroup);
  }
  const std::optional<uid_t> euid = effectiveUid(*info, directory.get());
  if (process.ended()) {
    knowNothing(facts, looks, kDied);
    return facts;
  }
  if (info->cgroup_id && facts.cgroup.isKnown()) {
    cgroup.place = *facts.cgroup.find();
    remember(process, *info->cgroup_id, std::move(cgroup));
  }
  if (euid != uid) {
    // It may be another program by now; its namespaces are still those of whoever made it.
    facts.cgroup = Fact<CgroupPlace>::unknown("it has changed its uid since it connected");
  }
  return facts;
}

/// Does it live apart from us? `cgroup` is what is remembered of its cgroup, and is added to.
Fact<bool> ProcessReader::readApart(int directory, const Fact<CgroupPlace>& place,
                                    Cgroup& cgroup) const {
  if (own_.uid_map.empty() || own_.pid_depth == 0) {
    return Fact<bool>::unknown("our own namespaces cannot be read");
  }
  const auto theirs = surroundingsOf(directory);
  if (!theirs || theirs->uid_map.empty() || theirs->pid_depth == 0) {
    return Fact<bool>::unknown("its namespaces cannot be read");
  }
  const bool contained = place.find() != nullptr && place.find()->engine != ContainerEngine::None;
  if (theirs->uid_map != own_.uid_map || theirs->pid_depth != own_.pid_depth || contained) {
    return Fact<bool>::known(true);
  }
  if (!cgroup.other_root) {
    const std::optional<std::string> root = readRoot(directory);
    if (!root) {
      return Fact<bool>::unknown("its mounts cannot be read");
    }
    // A chroot has no mount "/", and is no container.
    cgroup.other_root = !root->empty() && *root != own_.root;
  }
  return Fact<bool>::known(*cgroup.other_root);
}

/// `cgroup` was found out while the process was in the cgroup `id`, unless it moved meanwhile.
void ProcessReader::remember(const ProcessHandle& process, std::uint64_t id, Cgroup cgroup) {
  const auto known = cgroups_.find(id);
  if (known != cgroups_.end() &&
      known->second.other_root.has_value() >= cgroup.other_root.has_value()) {
    return;
  }
  const Result<ProcessInfo> now = process.info();
  if (!now || now->cgroup_id != id) {
    return;
  }
  if (cgroups_.size() == kMostCached) {
    cgroups_.clear();
  }
  cgroups_.insert_or_assign(id, std::move(cgroup));
}

Fact<CgroupPlace> ProcessReader::readCgroup(int directory) {
  const std::optional<std::string> text = readBelow(directory, "cgroup");
  if (!text) {
    return Fact<CgroupPlace>::unknown("its cgroup cannot be read: " + errorText(errno));
  }
  const std::optional<std::string> path = cgroup2Path(*text);
  if (!path) {
    return Fact<CgroupPlace>::unknown("it has no cgroup of version 2");
  }
  const std::optional<CgroupPlace> place = parseCgroupPath(*path);
  if (!place) {
    return Fact<CgroupPlace>::unknown("its cgroup is removed or outside our cgroup namespace");
  }
  return Fact<CgroupPlace>::known(*place);
}

}  // namespace peerpool::auth
