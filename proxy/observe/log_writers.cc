// One class for each target. Standard error and syslog are Poco's channels, which only this file
// knows.

#include "proxy/observe/log_writers.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/Message.h>
#include <Poco/SyslogChannel.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <system_error>
#include <utility>

#include "proxy/base/unique_fd.h"
#include "proxy/observe/append_file.h"
#include "proxy/observe/journal_record.h"
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

std::string lineOf(config::LogFormat format, const LogEntry& entry) {
  return format == config::LogFormat::Json ? formatJson(entry.event, entry.when)
                                           : formatLine(entry.event, entry.when);
}

class ChannelWriter final : public LogWriter {
 public:
  ChannelWriter(Poco::AutoPtr<Poco::Channel> channel, config::LogFormat format, bool has_own_time)
      : channel_(std::move(channel)), format_(format), has_own_time_(has_own_time) {
    channel_->open();
  }

  void write(const LogEntry& entry) override {
    const bool message_only = has_own_time_ && format_ == config::LogFormat::Text;
    channel_->log(Poco::Message("peerpool",
                                message_only ? formatMessage(entry.event) : lineOf(format_, entry),
                                priority(entry.event.level)));
  }

 private:
  Poco::AutoPtr<Poco::Channel> channel_;
  config::LogFormat format_;
  bool has_own_time_;
};

class FileWriter final : public LogWriter {
 public:
  FileWriter(const std::string& path, config::LogFormat format)
      : file_(path, "log file"), format_(format) {}

  void write(const LogEntry& entry) override {
    // Of a line that a full disk has cut, the rest is gone: the next one must not stick to it.
    std::string line = cut_ ? "\n" : "";
    line += lineOf(format_, entry);
    line += '\n';
    std::size_t written = 0;
    try {
      file_.append(line, written);
    } catch (...) {
      cut_ = cut_ || written > 0;
      throw;
    }
    cut_ = false;
  }

  void reopen() override {
    file_.reopen();
    cut_ = false;
  }

 private:
  AppendFile file_;
  config::LogFormat format_;
  bool cut_ = false;
};

class JournalWriter final : public LogWriter {
 public:
  explicit JournalWriter(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (!fd_) {
      throw std::system_error(errno, std::generic_category(), "socket for the journal");
    }
    address_.sun_family = AF_UNIX;
    if (path.size() >= sizeof address_.sun_path) {
      throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
    }
    std::memcpy(address_.sun_path, path.data(), path.size());
    const timeval patience{0, 500'000};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  void write(const LogEntry& entry) override {
    const std::string record = journalRecord(entry.event);
    // Waiting for a journal that has hung once would hold up the end of the process.
    const int flags = MSG_NOSIGNAL | (std::exchange(failed_, true) ? MSG_DONTWAIT : 0);
    const auto* address = reinterpret_cast<const sockaddr*>(&address_);
    if (::sendto(fd_.get(), record.data(), record.size(), flags, address, sizeof address_) < 0) {
      throw std::system_error(errno, std::generic_category(), address_.sun_path);
    }
    failed_ = false;
  }

 private:
  UniqueFd fd_;
  sockaddr_un address_{};
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<LogWriter> makeLogWriter(const config::Logging& settings,
                                         const std::string& journal_socket) {
  using config::LogTarget;
  switch (settings.target) {
    case LogTarget::StandardError:
      return std::make_unique<ChannelWriter>(new Poco::ConsoleChannel(std::cerr), settings.format,
                                             false);
    case LogTarget::Journal:
      return std::make_unique<JournalWriter>(journal_socket);
    case LogTarget::Syslog:
      return std::make_unique<ChannelWriter>(
          new Poco::SyslogChannel("peerpool", Poco::SyslogChannel::SYSLOG_PID,
                                  Poco::SyslogChannel::SYSLOG_DAEMON),
          settings.format, true);
    case LogTarget::File:
      return std::make_unique<FileWriter>(settings.file, settings.format);
  }
  throw std::system_error(EINVAL, std::generic_category(), "unknown log target");
}

}  // namespace peerpool::observe
