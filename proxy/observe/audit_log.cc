// The queue's lock is held for moves of pointers; formatting and writing happen outside of it.

#include "proxy/observe/audit_log.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace peerpool::observe {
namespace {

bool letsIn(AuditAction action) noexcept {
  return action == AuditAction::ConnectionStarted || action == AuditAction::LoginAllowed;
}

std::size_t textBytes(const AuditEvent& event) noexcept {
  std::size_t bytes = 0;
  for (const std::string* text :
       {&event.reference, &event.reason, &event.listener, &event.address, &event.backend,
        &event.rule, &event.where, &event.database, &event.role_requested, &event.role_granted,
        &event.expected, &event.actual}) {
    bytes += text->size();
  }
  for (const std::string& rule : event.dry_run) {
    bytes += rule.size();
  }
  return bytes;
}

}  // namespace

AuditLog::AuditLog(const std::string& path, Settings settings, Log& log)
    : AuditLog(makeAuditFile(path), std::move(settings), log) {}

AuditLog::AuditLog(std::unique_ptr<AuditTarget> target, Settings settings, Log& log)
    : settings_(std::move(settings)), log_(log), target_(std::move(target)) {
  continueChain();
  thread_ = std::thread([this] { run(); });
}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (const std::size_t never = waiting_.size() + unwritten_events_; never > 0) {
    log_.write({LogLevel::Error, "audit events not written", {{"count", std::to_string(never)}}});
  }
}

bool AuditLog::record(AuditEvent event) noexcept {
  const bool refusable = settings_.required && letsIn(event.action);
  try {
    Entry entry{std::move(event), settings_.now()};
    const std::lock_guard lock(mutex_);
    if (refusable && failing_) {
      return false;
    }
    if (enqueue(std::move(entry))) {
      changed_.notify_one();
      return true;
    }
  } catch (...) {
    // No memory is no room.
  }
  if (!refusable) {
    lost_.fetch_add(1);
  }
  return !refusable;
}

bool AuditLog::enqueue(Entry entry) {
  const std::size_t bytes = textBytes(entry.event);
  if (waiting_.size() >= settings_.events || bytes > settings_.bytes - waiting_bytes_) {
    return false;
  }
  waiting_.push_back(std::move(entry));
  waiting_bytes_ += bytes;
  return true;
}

void AuditLog::reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_wanted_ = true;
  }
  changed_.notify_one();
}

ChainEnd AuditLog::chainEnd() const {
  const std::lock_guard lock(mutex_);
  return written_chain_;
}

void AuditLog::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = ++flush_wanted_;
  changed_.notify_one();
  flushed_.wait(lock, [&] { return flush_done_ >= wanted; });
}

bool AuditLog::somethingToDo() const {
  return stopping_ || reopen_wanted_ || flush_wanted_ > flush_done_ ||
         (!failing_ && !waiting_.empty());
}

bool AuditLog::somethingToTell() const {
  return !waiting_.empty() || lost_.load() > lost_reported_;
}

void AuditLog::run() {
  std::unique_lock lock(mutex_);
  for (bool stopping = false; !stopping;) {
    if (failing_) {
      changed_.wait_for(lock, settings_.retry, [this] { return somethingToDo(); });
    } else {
      changed_.wait(lock, [this] { return somethingToDo(); });
    }
    stopping = stopping_;
    const bool reopening = std::exchange(reopen_wanted_, false);
    const std::uint64_t flushing = flush_wanted_;
    const bool failed_before = failing_;
    std::string why;
    for (bool first = true; why.empty() && (first || somethingToTell()); first = false) {
      // What could not be written comes first, and bounds how much is formatted.
      std::vector<Entry> batch;
      const bool caught_up = unwritten_.empty();
      if (caught_up) {
        batch = std::exchange(waiting_, {});
        waiting_bytes_ = 0;
      }
      lock.unlock();
      if (first && reopening) {
        reopenNow();
      }
      if (caught_up) {
        format(batch);
      }
      why = write();
      lock.lock();
    }
    failing_ = !why.empty();
    if (!failing_) {
      written_chain_ = chain_;
    }
    flush_done_ = flushing;
    flushed_.notify_all();
    if (failing_ != failed_before) {
      report(failing_, why);
    }
  }
}

void AuditLog::format(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    formatOne(entry);
  }
  const std::uint64_t lost = lost_.load();
  if (lost > lost_reported_) {
    AuditEvent event;
    event.action = AuditAction::EventsLost;
    event.reason = "events without room: " + std::to_string(lost - lost_reported_);
    formatOne({std::move(event), settings_.now()});
    lost_reported_ = lost;
  }
}

void AuditLog::formatOne(const Entry& entry) {
  std::string line = auditLine(entry.event, ++chain_.sequence, entry.when, settings_.origin);
  chain_.hash = chainLine(line, chain_.hash);
  unwritten_ += target_->record(entry.event, line);
  ++unwritten_events_;
}

/// Before the first line, of this process or of a file that has been opened anew.
void AuditLog::continueChain() {
  const std::string bytes = target_->lastBytes();
  const ChainTail there = readChainTail(bytes);
  const bool ours = chain_.sequence > 0;
  AuditEvent event;
  event.action = AuditAction::ChainStarted;
  if (ours && there.end != chain_) {
    event.action = AuditAction::ChainContinued;
    event.reason = "after sequence " + std::to_string(chain_.sequence) + ", hash " + chain_.hash +
                   (bytes.empty() ? ", of the file before" : "; this file has lines of its own");
  } else if (!ours && there.end) {
    chain_ = *there.end;
    written_chain_ = chain_;
    event.reason = std::to_string(there.behind) + " bytes behind sequence " +
                   std::to_string(chain_.sequence) + ", hash " + chain_.hash +
                   ", are no whole line of the chain";
  } else {
    event.reason = "no line in the file could be continued";
  }
  const bool known = bytes.empty() || (there.end && there.behind == 0);
  if (event.action == AuditAction::ChainContinued || !known) {
    formatOne({std::move(event), settings_.now()});
  }
}

std::string AuditLog::write() {
  std::size_t written = 0;
  try {
    target_->append(std::string_view(unwritten_).substr(written_), written);
  } catch (const std::exception& error) {
    written_ += written;
    const std::size_t end =
        written_ == 0 ? std::string::npos : unwritten_.rfind('\n', written_ - 1);
    if (end != std::string::npos) {
      unwritten_.erase(0, end + 1);
      written_ -= end + 1;
    }
    return error.what();
  }
  unwritten_.clear();
  unwritten_events_ = 0;
  written_ = 0;
  return {};
}

void AuditLog::reopenNow() {
  try {
    target_->reopen();
    written_ = 0;  // A line that the old file has the beginning of goes to the new one as a whole.
    if (unwritten_.empty() && chain_.sequence > 0) {
      continueChain();
    }
    log_.write({LogLevel::Info, "audit log reopened", {{"file", target_->name()}}});
  } catch (const std::exception& error) {
    log_.write({LogLevel::Error, "audit log not reopened", {{"reason", error.what()}}});
  }
}

void AuditLog::report(bool failing, const std::string& why) {
  if (failing) {
    log_.write(
        {LogLevel::Error,
         "audit log cannot be written",
         {{"reason", why}, {"effect", settings_.required ? "nobody is let in" : "events wait"}}});
  } else {
    log_.write({LogLevel::Warning, "audit log can be written again", {{"file", target_->name()}}});
  }
}

}  // namespace peerpool::observe
