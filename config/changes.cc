#include "config/changes.h"

#include <algorithm>
#include <string_view>

#include "config/units.h"

namespace peerpool::config {
namespace {

std::string printWorkers(std::size_t workers) {
  return workers == 0 ? "auto" : std::to_string(workers);
}

std::string printEngine(IoEngine engine) {
  switch (engine) {
    case IoEngine::Auto:
      return "auto";
    case IoEngine::Epoll:
      return "epoll";
    case IoEngine::IoUring:
      return "io_uring";
  }
  return {};
}

std::string printCount(std::size_t count) { return std::to_string(count); }

std::string printTarget(LogTarget target) {
  switch (target) {
    case LogTarget::StandardError:
      return "stderr";
    case LogTarget::Journal:
      return "journal";
    case LogTarget::Syslog:
      return "syslog";
    case LogTarget::File:
      return "a file";
  }
  return {};
}

std::string printFormat(LogFormat format) {
  switch (format) {
    case LogFormat::Text:
      return "text";
    case LogFormat::Json:
      return "json";
    case LogFormat::Journald:
      return "journald";
  }
  return {};
}

std::string printFile(const std::string& file) { return file.empty() ? "none" : file; }

std::string printYes(bool yes) { return yes ? "true" : "false"; }

/// Collects what differs.
class Keeper {
 public:
  template <typename T, typename Print>
  void keep(std::string_view key, const T& running, T& wanted, Print print) {
    if (running != wanted) {
      lines_.push_back(std::string(key) + ": " + print(running) + " runs, " + print(wanted) +
                       " needs a restart");
      wanted = running;
    }
  }
  [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return lines_; }

 private:
  std::vector<std::string> lines_;
};

bool sameAccounts(const std::vector<AccountName>& before, const std::vector<AccountName>& after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const AccountName& one, const AccountName& other) {
                      return one.name == other.name && one.number == other.number;
                    });
}

bool sameRanges(const std::vector<IdRange>& before, const std::vector<IdRange>& after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const IdRange& one, const IdRange& other) {
                      return one.first == other.first && one.last == other.last;
                    });
}

bool sameTexts(const std::vector<TextPattern>& before, const std::vector<TextPattern>& after) {
  return std::equal(
      before.begin(), before.end(), after.begin(), after.end(),
      [](const TextPattern& one, const TextPattern& other) { return one.text == other.text; });
}

bool sameProcess(const ProcessMatcher& before, const ProcessMatcher& after) {
  return sameTexts(before.units, after.units) && sameTexts(before.slices, after.slices) &&
         sameTexts(before.cgroups, after.cgroups) && before.containers == after.containers &&
         sameTexts(before.executables, after.executables) &&
         sameTexts(before.digests, after.digests) && sameTexts(before.selinux, after.selinux) &&
         sameTexts(before.apparmor, after.apparmor);
}

/// Where it is written does not count.
bool sameMatcher(const Matcher& before, const Matcher& after) {
  const auto all_same = [](const std::vector<Matcher>& some, const std::vector<Matcher>& others) {
    return std::equal(some.begin(), some.end(), others.begin(), others.end(), sameMatcher);
  };
  return sameAccounts(before.users, after.users) && sameRanges(before.uids, after.uids) &&
         sameAccounts(before.groups, after.groups) && sameRanges(before.gids, after.gids) &&
         before.unmapped == after.unmapped && sameProcess(before.process, after.process) &&
         all_same(before.any, after.any) && all_same(before.not_all_of, after.not_all_of);
}

}  // namespace

bool sameServers(const Backend& before, const Backend& after) {
  const bool same_peer =
      before.expect_peer.has_value() == after.expect_peer.has_value() &&
      (!before.expect_peer || sameMatcher(*before.expect_peer, *after.expect_peer));
  return same_peer && before.socket_path == after.socket_path && before.login == after.login &&
         before.secret_files == after.secret_files;
}

std::vector<std::string> keepUntilRestart(const Config& running, Config& wanted) {
  Keeper keeper;
  keeper.keep("process.workers", running.process.workers, wanted.process.workers, printWorkers);
  keeper.keep("process.io_engine", running.process.io_engine, wanted.process.io_engine,
              printEngine);
  keeper.keep("process.max_clients", running.process.max_clients, wanted.process.max_clients,
              printCount);
  keeper.keep("process.shutdown_timeout", running.process.shutdown_timeout,
              wanted.process.shutdown_timeout, printDuration);
  keeper.keep("log.format", running.log.format, wanted.log.format, printFormat);
  keeper.keep("log.to", running.log.target, wanted.log.target, printTarget);
  keeper.keep("log.to file", running.log.file, wanted.log.file, printFile);
  const std::string journal = "journal";
  std::string audit_to = wanted.audit.journal ? journal : wanted.audit.file;
  keeper.keep("audit.to", running.audit.journal ? journal : running.audit.file, audit_to,
              printFile);
  wanted.audit.file = running.audit.file;
  wanted.audit.journal = running.audit.journal;
  keeper.keep("audit.required", running.audit.required, wanted.audit.required, printYes);
  return keeper.lines();
}

}  // namespace peerpool::config
