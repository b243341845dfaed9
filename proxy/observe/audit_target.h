// Where the lines of the audit log end: a file or the journal. Formats and sends; queues nothing.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/base/audit.h"

namespace peerpool::observe {

/// One thread at a time: the audit log's, once that runs.
class AuditTarget {
 public:
  virtual ~AuditTarget() = default;
  /// The event as append() wants it; `line` is its line of JSON, without an end. A record ends with
  /// a line end.
  [[nodiscard]] virtual std::string record(const AuditEvent& event,
                                           const std::string& line) const = 0;
  /// Takes whole records one behind the other, or throws std::system_error: then `written` bytes of
  /// them have been taken, up to any place.
  virtual void append(std::string_view records, std::size_t& written) = 0;
  /// After logrotate has renamed the file. Throws std::system_error when there is no new one: then
  /// the old one stays.
  virtual void reopen() = 0;
  /// What is there already, its last bytes only; empty when there is nothing or no way back.
  [[nodiscard]] virtual std::string lastBytes() const = 0;
  /// For messages.
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;
};

/// Throws std::system_error when it cannot be opened; see AppendFile.
[[nodiscard]] std::unique_ptr<AuditTarget> makeAuditFile(const std::string& path);

/// The native protocol of journald at `socket`, a datagram for each record. Throws
/// std::system_error when nobody receives there now.
[[nodiscard]] std::unique_ptr<AuditTarget> makeAuditJournal(
    const std::string& socket = "/run/systemd/journal/socket");

}  // namespace peerpool::observe
