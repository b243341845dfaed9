// The writer's thread.

#include "proxy/observe/log_sinks.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

namespace peerpool::observe {

LogSink::LogSink(LogLevel level, std::unique_ptr<LogWriter> writer, const Limits& limits)
    : level_(level), writer_(std::move(writer)) {
  for (std::unique_ptr<LogRing>& ring : rings_) {
    ring = std::make_unique<LogRing>(limits.events, limits.bytes);
  }
  thread_ = std::thread([this] { run(); });
}

LogSink::~LogSink() {
  stopping_.store(true);
  wake();
  thread_.join();
}

void LogSink::write(LogEvent event) noexcept {
  if (!wants(event.level)) {
    return;
  }
  const std::size_t ring = std::hash<std::thread::id>{}(std::this_thread::get_id()) % kRings;
  LogEntry entry{sequence_.fetch_add(1, std::memory_order_relaxed),
                 std::chrono::system_clock::now(), std::move(event)};
  if (!rings_[ring]->push(std::move(entry))) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
  wake();
}

void LogSink::wake() noexcept {
  if (!awake_.exchange(true)) {
    work_.release();
  }
}

void LogSink::reopen() noexcept {
  reopen_wanted_.store(true);
  wake();
}

void LogSink::flush() {
  std::unique_lock lock(flush_mutex_);
  const std::uint64_t wanted = ++flush_wanted_;
  wake();
  flushed_.wait(lock, [&] { return flush_done_ >= wanted; });
}

void LogSink::run() {
  for (bool stopping = false; !stopping;) {
    work_.acquire();
    awake_.store(false);  // Before the rings are looked at: what comes later wakes us again.
    stopping = stopping_.load();
    std::uint64_t wanted = 0;
    {
      const std::lock_guard lock(flush_mutex_);
      wanted = flush_wanted_;
    }
    if (reopen_wanted_.exchange(false)) {
      reopenNow();
    }
    drain();
    {
      const std::lock_guard lock(flush_mutex_);
      flush_done_ = wanted;
    }
    flushed_.notify_all();
  }
}

void LogSink::drain() {
  for (const std::unique_ptr<LogRing>& ring : rings_) {
    ring->drainInto(batch_);
  }
  std::sort(batch_.begin(), batch_.end(),
            [](const LogEntry& a, const LogEntry& b) { return a.sequence < b.sequence; });
  for (const LogEntry& entry : batch_) {
    emit(entry);
  }
  batch_.clear();
  reportDropped();
}

void LogSink::emit(const LogEntry& entry) noexcept {
  try {
    writer_->write(entry);
  } catch (...) {
    // A full disk or a closed terminal ends no session; the loss shows when entries can be written
    // again.
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

void LogSink::writeOwn(LogEvent event) {
  LogEntry entry;
  entry.when = std::chrono::system_clock::now();
  entry.event = std::move(event);
  writer_->write(entry);
}

void LogSink::reopenNow() {
  LogEvent outcome{LogLevel::Info, "log reopened", {}};
  try {
    writer_->reopen();
  } catch (const std::exception& error) {
    outcome = {LogLevel::Error, "log not reopened", {{"reason", error.what()}}};
  }
  if (!wants(outcome.level)) {
    return;
  }
  try {
    writeOwn(std::move(outcome));
  } catch (...) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

void LogSink::reportDropped() {
  const std::uint64_t dropped = dropped_.load(std::memory_order_relaxed);
  if (dropped == dropped_reported_) {
    return;
  }
  try {
    writeOwn({LogLevel::Warning,
              "log events dropped",
              {{"count", std::to_string(dropped - dropped_reported_)}}});
    dropped_reported_ = dropped;
  } catch (...) {
    // Stays unreported, and is tried again with the next event.
  }
}

LogLevel logLevel(config::LogSeverity severity) noexcept {
  switch (severity) {
    case config::LogSeverity::Debug:
      return LogLevel::Debug;
    case config::LogSeverity::Info:
      return LogLevel::Info;
    case config::LogSeverity::Warning:
      return LogLevel::Warning;
    case config::LogSeverity::Error:
      return LogLevel::Error;
  }
  return LogLevel::Info;
}

}  // namespace peerpool::observe
