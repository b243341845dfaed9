// The writer's thread, and Poco's channels behind it. The only place of the log that knows Poco.

#include "proxy/observe/log_sinks.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/Message.h>
#include <Poco/SimpleFileChannel.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <iostream>
#include <system_error>
#include <utility>

#include "proxy/base/unique_fd.h"
#include "proxy/observe/log_line.h"

namespace peerpool::observe {
namespace {

Poco::Message::Priority priority(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return Poco::Message::PRIO_DEBUG;
    case LogLevel::Info:
      return Poco::Message::PRIO_INFORMATION;
    case LogLevel::Warning:
      return Poco::Message::PRIO_WARNING;
    case LogLevel::Error:
      return Poco::Message::PRIO_ERROR;
  }
  return Poco::Message::PRIO_ERROR;
}

class ChannelWriter final : public LineWriter {
 public:
  explicit ChannelWriter(Poco::AutoPtr<Poco::Channel> channel) : channel_(std::move(channel)) {
    channel_->open();
  }

  void writeLine(LogLevel level, const std::string& line) override {
    channel_->log(Poco::Message("peerpool", line, priority(level)));
  }

 private:
  Poco::AutoPtr<Poco::Channel> channel_;
};

}  // namespace

std::unique_ptr<LineWriter> makeLineWriter(const config::Logging& settings) {
  if (settings.file.empty()) {
    return std::make_unique<ChannelWriter>(new Poco::ConsoleChannel(std::cerr));
  }
  // Poco would make the file readable for everybody, and names no errno.
  const UniqueFd file(
      ::open(settings.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640));
  if (!file) {
    throw std::system_error(errno, std::generic_category(), "log file " + settings.file);
  }
  return std::make_unique<ChannelWriter>(new Poco::SimpleFileChannel(settings.file));
}

LogSink::LogSink(LogLevel level, std::unique_ptr<LineWriter> writer, const Limits& limits)
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
    writer_->writeLine(entry.event.level, formatLine(entry.event, entry.when));
  } catch (...) {
    // A full disk or a closed terminal ends no session; the loss shows when lines can be written
    // again.
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

void LogSink::reportDropped() {
  const std::uint64_t dropped = dropped_.load(std::memory_order_relaxed);
  if (dropped == dropped_reported_) {
    return;
  }
  LogEntry entry;
  entry.when = std::chrono::system_clock::now();
  entry.event = {LogLevel::Warning,
                 "log events dropped",
                 {{"count", std::to_string(dropped - dropped_reported_)}}};
  try {
    writer_->writeLine(entry.event.level, formatLine(entry.event, entry.when));
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
