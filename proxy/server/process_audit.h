// The process's end of the audit log: whether there is one, and what it says of the process itself.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "config/model.h"
#include "proxy/admin/control.h"
#include "proxy/base/audit.h"
#include "proxy/base/log.h"

namespace peerpool::server {

/// An Audit with words for what happens to the service. Any thread.
class ProcessAudit : public Audit {
 public:
  /// Waits until it is written or cannot be: from then on nobody comes in unrecorded.
  void recordStart(std::uint64_t generation);
  void recordStop(std::uint64_t generation, const std::string& reason);
  /// After a reload. `generation` is the one in force; `complaint` what is wrong with a refused
  /// one.
  void recordLoaded(std::uint64_t generation);
  void recordRefused(std::uint64_t generation, const std::string& complaint);
  /// `mode` is what describeMode() says.
  void recordMode(std::uint64_t generation, const std::string& mode);

  /// Somebody (`peer`) has asked for something over the control socket.
  void recordCommand(std::uint64_t generation, const AuditPeer& peer, const std::string& command);

  /// For SIGUSR1; see observe::AuditLog::reopen().
  virtual void reopen() {}
  /// Its last line and how many events it has lost, for status; none without an audit log.
  [[nodiscard]] virtual std::optional<admin::AuditReport> report() const { return std::nullopt; }

 private:
  virtual void flush() {}
  void recordOwn(AuditAction action, std::uint64_t generation, const std::string& reason);
};

/// `log` outlives it. Without a target nothing is recorded and nobody refused. Throws
/// std::system_error when it cannot be opened.
[[nodiscard]] std::unique_ptr<ProcessAudit> openAudit(const config::Auditing& settings, Log& log);

}  // namespace peerpool::server
