// What the tests of this folder share: accounts of a made-up machine and a log that remembers.

#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "proxy/base/audit.h"
#include "proxy/base/log.h"

namespace peerpool::server {

/// alice (1000, groups 1000 and dba 1200) and bob (1001); no directory service.
class FakeAccounts final : public auth::Accounts {
 public:
  Result<std::optional<auth::Account>> userByName(const std::string& name) override {
    for (const auth::Account& account : known_) {
      if (account.name == name) {
        return std::optional(account);
      }
    }
    return std::optional<auth::Account>();
  }
  Result<std::optional<auth::Account>> userByUid(uid_t uid) override {
    for (const auth::Account& account : known_) {
      if (account.uid == uid) {
        return std::optional(account);
      }
    }
    return std::optional<auth::Account>();
  }
  Result<std::optional<gid_t>> groupByName(const std::string& name) override {
    return name == "dba" ? std::optional<gid_t>(1200) : std::nullopt;
  }
  Result<std::vector<gid_t>> groupsOf(const auth::Account& account) override {
    return account.name == "alice" ? std::vector<gid_t>{1000, 1200}
                                   : std::vector<gid_t>{account.gid};
  }

 private:
  std::vector<auth::Account> known_{{"root", 0, 0}, {"alice", 1000, 1000}, {"bob", 1001, 1001}};
};

/// Keeps all events.
class FakeLog final : public Log {
 public:
  bool wants(LogLevel) const noexcept override { return true; }
  void write(LogEvent event) noexcept override { events.push_back(std::move(event)); }

  /// The field `key` of event number `index`.
  [[nodiscard]] std::string field(std::size_t index, std::string_view key) const {
    for (const auto& [name, value] : events.at(index).fields) {
      if (name == key) {
        return value;
      }
    }
    return "(none)";
  }

  std::vector<LogEvent> events;
};

/// Keeps all events it takes; when told to refuse, takes none that lets somebody in.
class FakeAudit final : public Audit {
 public:
  bool record(AuditEvent event) noexcept override {
    const bool lets_in =
        event.action == AuditAction::ConnectionStarted || event.action == AuditAction::LoginAllowed;
    if (refuse && lets_in) {
      return false;
    }
    events.push_back(std::move(event));
    return true;
  }

  bool refuse = false;
  std::vector<AuditEvent> events;
};

}  // namespace peerpool::server
