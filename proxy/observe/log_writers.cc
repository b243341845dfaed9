// One class for each kind of target. Standard error is a channel of Poco's, which only this file
// knows. Its syslog channel would wait for a daemon that hangs, and the process could not end.

#include "proxy/observe/log_writers.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/Message.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <iostream>
#include <system_error>
#include <utility>

#include "proxy/base/unique_fd.h"
#include "proxy/observe/append_file.h"
#include "proxy/observe/journal_record.h"
#include "proxy/observe/log_line.h"
#include "proxy/observe/syslog_record.h"

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
  ChannelWriter(Poco::AutoPtr<Poco::Channel> channel, config::LogFormat format)
      : channel_(std::move(channel)), format_(format) {
    channel_->open();
  }

  void write(const LogEntry& entry) override {
    channel_->log(Poco::Message("peerpool", lineOf(format_, entry), priority(entry.event.level)));
  }

 private:
  Poco::AutoPtr<Poco::Channel> channel_;
  config::LogFormat format_;
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

/// A daemon that receives datagrams.
class DatagramWriter final : public LogWriter {
 public:
  using Record = std::function<std::string(const LogEntry& entry)>;

  DatagramWriter(const std::string& path, Record record)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), record_(std::move(record)) {
    if (!fd_) {
      throw std::system_error(errno, std::generic_category(), "socket for the log");
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
    const std::string record = record_(entry);
    // Waiting for a daemon that has hung once would hold up the end of the process.
    const int flags = MSG_NOSIGNAL | (std::exchange(failed_, true) ? MSG_DONTWAIT : 0);
    const auto* address = reinterpret_cast<const sockaddr*>(&address_);
    if (::sendto(fd_.get(), record.data(), record.size(), flags, address, sizeof address_) < 0) {
      throw std::system_error(errno, std::generic_category(), address_.sun_path);
    }
    failed_ = false;
  }

 private:
  UniqueFd fd_;
  Record record_;
  sockaddr_un address_{};
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<LogWriter> makeLogWriter(const config::Logging& settings,
                                         const LogSockets& sockets) {
  using config::LogTarget;
  switch (settings.target) {
    case LogTarget::StandardError:
      return std::make_unique<ChannelWriter>(new Poco::ConsoleChannel(std::cerr), settings.format);
    case LogTarget::Journal:
      return std::make_unique<DatagramWriter>(
          sockets.journal, [](const LogEntry& entry) { return journalRecord(entry.event); });
    case LogTarget::Syslog:
      return std::make_unique<DatagramWriter>(
          sockets.syslog, [format = settings.format, pid = ::getpid()](const LogEntry& entry) {
            const bool text = format == config::LogFormat::Text;
            return syslogRecord(entry.event.level, pid,
                                text ? formatMessage(entry.event) : lineOf(format, entry));
          });
    case LogTarget::File:
      return std::make_unique<FileWriter>(settings.file, settings.format);
  }
  throw std::system_error(EINVAL, std::generic_category(), "unknown log target");
}

}  // namespace peerpool::observe
