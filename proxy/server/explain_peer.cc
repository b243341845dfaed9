// Accounts and /proc to an Identity.

#include "proxy/server/explain_peer.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "auth/executable_reader.h"
#include "auth/process_reader.h"

namespace peerpool::server {
namespace {

Error refused(const std::string& text) { return {ErrorCode::Refused, text}; }

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

/// As auth::readPeer() judges: an overflow uid stands for accounts that have no number here.
bool isKnown(const auth::Identity& peer, const auth::OverflowIds& overflow) {
  return peer.uid != auth::kNoUid && peer.uid != overflow.uid;
}

Result<auth::Identity> accountPeer(const std::string& user, auth::Accounts& accounts) {
  const std::optional<std::uint32_t> uid = number(user);
  const auto found = uid ? accounts.userByUid(*uid) : accounts.userByName(user);
  if (!found) {
    return found.error();
  }
  auth::Identity peer;
  peer.process = auth::imaginedProcess();
  if (*found) {
    const auth::Account& account = found->value();
    auto groups = accounts.groupsOf(account);
    if (!groups) {
      return groups.error();
    }
    peer.uid = account.uid;
    peer.gid = account.gid;
    peer.groups = *std::move(groups);
    peer.user = account.name;
    peer.known = isKnown(peer, auth::readOverflowIds());
    return peer;
  }
  if (!uid) {
    return refused("there is no account named " + user);
  }
  peer.uid = *uid;  // A number without an account can connect all the same, with whatever group.
  peer.known = isKnown(peer, auth::readOverflowIds());
  return peer;
}

Result<gid_t> groupNumber(const std::string& group, auth::Accounts& accounts) {
  if (const std::optional<std::uint32_t> gid = number(group)) {
    return gid_t{*gid};
  }
  const auto found = accounts.groupByName(group);
  if (!found) {
    return found.error();
  }
  if (!*found) {
    return refused("there is no group named " + group);
  }
  return found->value();
}

/// What a listener that asks for everything would see of it.
std::shared_ptr<const auth::ProcessFacts> processFacts(pid_t pid, uid_t uid) {
  auth::Looks looks;
  looks.cgroup = looks.apart = true;
  const Result<auth::ProcessHandle> handle = auth::ProcessHandle::ofPid(pid);
  auth::ProcessFacts facts;
  if (handle) {
    facts = auth::ProcessReader().lookAt(*handle, uid, looks);
    const auth::ExecutableReader::Now now{Clock::now(), std::chrono::system_clock::now()};
    facts.executable =
        auth::executableOf(auth::ExecutableReader({}).look(*handle, {0, true}, now), uid);
  }
  return std::make_shared<const auth::ProcessFacts>(std::move(facts));
}

Result<auth::Identity> processPeer(pid_t pid, auth::Accounts& accounts) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.empty()) {
    return refused("there is no process " + std::to_string(pid) + " to be seen");
  }
  Result<auth::Identity> peer = parseProcessStatus(text, pid, auth::readOverflowIds());
  if (peer && peer->known) {
    peer->process = processFacts(pid, peer->uid);
    const auto name = accounts.userName(peer->uid);
    peer->user = name ? name->value_or("") : "";
  }
  return peer;
}

/// The numbers behind "KEY:" at the beginning of a line.
std::vector<std::uint32_t> numbersOf(std::string_view text, std::string_view key) {
  std::vector<std::uint32_t> numbers;
  const std::string wanted = '\n' + std::string(key) + ':';
  std::size_t position = text.find(wanted);
  if (position == std::string_view::npos) {
    return numbers;
  }
  position += wanted.size();
  std::string_view line = text.substr(position, text.find('\n', position) - position);
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
      return numbers;
    }
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    const std::optional<std::uint32_t> value = number(line.substr(0, end));
    if (!value) {
      return {};
    }
    numbers.push_back(*value);
    line.remove_prefix(end);
  }
}

}  // namespace

Result<auth::Identity> parseProcessStatus(std::string_view text, pid_t pid,
                                          const auth::OverflowIds& overflow) {
  // Four columns: real, effective, saved, file system.
  const std::vector<std::uint32_t> uids = numbersOf(text, "Uid");
  const std::vector<std::uint32_t> gids = numbersOf(text, "Gid");
  if (uids.size() != 4 || gids.size() != 4) {
    return Error{ErrorCode::Protocol, "not a /proc/PID/status"};
  }
  auth::Identity peer;
  peer.pid = pid;
  peer.uid = uids[1];
  peer.gid = gids[1];
  for (const std::uint32_t group : numbersOf(text, "Groups")) {
    peer.groups.push_back(group);
  }
  peer.known = isKnown(peer, overflow);
  return peer;
}

Result<auth::Identity> explainedPeer(const Options& options, auth::Accounts& accounts) {
  if (options.pid) {
    return processPeer(*options.pid, accounts);
  }
  Result<auth::Identity> peer = accountPeer(options.user, accounts);
  if (peer && !options.process.empty()) {
    peer->process = describedProcess(options.process);
  }
  if (!peer || !options.groups_given) {
    return peer;
  }
  peer->groups.clear();
  for (const std::string& group : options.groups) {
    const Result<gid_t> gid = groupNumber(group, accounts);
    if (!gid) {
      return gid.error();
    }
    peer->groups.push_back(*gid);
  }
  return peer;
}

}  // namespace peerpool::server
