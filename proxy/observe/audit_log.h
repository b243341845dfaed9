// The audit log: a stream of its own, with a queue, a thread and a target that nothing else uses.
// What a line looks like is audit_line.h's.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/model.h"
#include "proxy/base/audit.h"
#include "proxy/base/log.h"
#include "proxy/observe/audit_chain.h"
#include "proxy/observe/audit_line.h"
#include "proxy/observe/audit_target.h"

namespace peerpool::observe {

/// Appends a line for each event, in the order of record(), numbered without gaps and with a hash
/// chain (audit_chain.h), both of which go on where the file that is there ends. A line that
/// cannot be written is kept and tried again until it can; events for which there is no room
/// meanwhile are counted, and the count becomes a line ("events-lost"). Lines are with the kernel
/// soon after record(), and on the disk when the kernel writes them.
class AuditLog final : public Audit {
 public:
  struct Settings {
    bool required = false;                     ///< See Audit::record().
    std::size_t events = 4096;                 ///< That wait at most.
    std::size_t bytes = std::size_t{4} << 20;  ///< Of text in them.
    std::chrono::milliseconds retry{200};      ///< From one failed write to the next try.
    AuditOrigin origin;
    /// The time of an event; any thread.
    std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
  };

  /// `log` is told when writing begins and ceases to fail, and outlives this.
  AuditLog(std::unique_ptr<AuditTarget> target, Settings settings, Log& log);
  /// To a file. Throws std::system_error when `path` cannot be opened; see AppendFile.
  AuditLog(const std::string& path, Settings settings, Log& log);
  /// Writes what waits, if that can be done at once, then ends the thread.
  ~AuditLog() override;
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  [[nodiscard]] bool record(AuditEvent event) noexcept override;

  /// Any thread: the file is opened anew before the next line; the log says how that went.
  void reopen();
  /// Waits until all that was recorded before has been written or has failed. For the end and for
  /// tests.
  void flush();

  /// The last line that has been written; any thread.
  [[nodiscard]] ChainEnd chainEnd() const;

  /// Events for which there was no room, since the start; any thread.
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.load(); }

 private:
  struct Entry {
    AuditEvent event;
    std::chrono::system_clock::time_point when;
  };

  void run();
  void format(const std::vector<Entry>& entries);
  void formatOne(const Entry& entry);
  /// Empty, or why not all could be written.
  [[nodiscard]] std::string write();
  void continueChain();
  void reopenNow();
  [[nodiscard]] bool somethingToDo() const;
  [[nodiscard]] bool somethingToTell() const;
  [[nodiscard]] bool enqueue(Entry entry);
  void report(bool failing, const std::string& why);

  Settings settings_;
  Log& log_;
  const std::unique_ptr<AuditTarget> target_;  // The thread's, as are the next five.
  std::string unwritten_;                      // Whole records of the target.
  std::size_t unwritten_events_ = 0;           // At least so many of them, for the last message.
  std::size_t written_ = 0;  // Bytes of its first record that the target has already.
  ChainEnd chain_;           // Of what has been formatted.
  std::uint64_t lost_reported_ = 0;

  std::atomic<std::uint64_t> lost_{0};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable flushed_;
  std::vector<Entry> waiting_;  // Guarded by mutex_, as are all below.
  std::size_t waiting_bytes_ = 0;
  ChainEnd written_chain_;
  bool failing_ = false;  // The last write failed.
  bool reopen_wanted_ = false;
  bool stopping_ = false;
  std::uint64_t flush_wanted_ = 0;
  std::uint64_t flush_done_ = 0;
  std::thread thread_;  // Last: uses all of the above.
};

}  // namespace peerpool::observe
