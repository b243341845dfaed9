// Each target of the log with the format that goes with it.

#include "proxy/observe/log_writers.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "proxy/base/unique_fd.h"
#include "proxy/observe/journal_record.h"
#include "proxy/observe/log_sinks.h"
#include "tests/support/temp_dir.h"

namespace peerpool::observe {
namespace {

using testing::readFile;
using testing::TempDir;

config::Logging toFile(const std::string& path, config::LogFormat format) {
  config::Logging settings;
  settings.target = config::LogTarget::File;
  settings.file = path;
  settings.format = format;
  return settings;
}

LogEntry entryWith(const std::string& value) {
  LogEntry entry;
  entry.event = {LogLevel::Warning, "client denied", {{"ref", "7f3a"}, {"role", value}}};
  return entry;
}

/// Where journald or a syslog daemon would listen.
class FakeDaemon {
 public:
  explicit FakeDaemon(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  [[nodiscard]] std::string receive() const {
    std::string datagram(65536, '\0');
    const ssize_t size = ::recv(fd_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
    datagram.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return datagram;
  }

 private:
  UniqueFd fd_;
};

TEST_CASE("A log file is appended to, is not for everybody, and must be possible") {
  const TempDir directory;
  const config::Logging settings = toFile(directory / "log", config::LogFormat::Text);
  for (int run = 0; run < 2; ++run) {
    makeLogWriter(settings)->write(entryWith("x"));
  }
  const std::string line = "1970-01-01T00:00:00.000Z WARN  client denied ref=7f3a role=x\n";
  CHECK(readFile(directory / "log") == line + line);
  struct stat facts {};
  REQUIRE(::stat((directory / "log").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777 & ~0640U) == 0);
  CHECK_THROWS_AS(makeLogWriter(toFile(directory / "missing/log", config::LogFormat::Text)),
                  std::system_error);
}

TEST_CASE("A JSON line has ECS names and is one line whatever a peer sent") {
  const TempDir directory;
  const auto writer = makeLogWriter(toFile(directory / "log", config::LogFormat::Json));
  writer->write(entryWith("a\n\x1b[31m\"\\\xff"));
  CHECK(readFile(directory / "log") ==
        "{\"@timestamp\":\"1970-01-01T00:00:00.000Z\",\"ecs.version\":\"8.11.0\","
        "\"log.level\":\"warning\",\"service.type\":\"peerpool\",\"message\":\"client denied\","
        "\"peerpool.ref\":\"7f3a\",\"peerpool.role\":"
        "\"a\\\\n\\\\x1b[31m\\\"\\\\\\\\xff\"}\n");
}

TEST_CASE("A renamed log file is left at the next reopen, and kept when there is no new one") {
  const TempDir directory;
  ::mkdir((directory / "d").c_str(), 0755);
  const auto writer = makeLogWriter(toFile(directory / "d/log", config::LogFormat::Text));
  writer->write(entryWith("one"));
  REQUIRE(std::rename((directory / "d/log").c_str(), (directory / "d/log.1").c_str()) == 0);
  writer->write(entryWith("two"));
  writer->reopen();
  writer->write(entryWith("three"));
  CHECK(readFile(directory / "d/log.1").find("role=two") != std::string::npos);
  CHECK(readFile(directory / "d/log").find("role=three") != std::string::npos);
  REQUIRE(std::rename((directory / "d").c_str(), (directory / "gone").c_str()) == 0);
  CHECK_THROWS_AS(writer->reopen(), std::system_error);
  writer->write(entryWith("four"));
  CHECK(readFile(directory / "gone/log").find("role=four") != std::string::npos);
}

TEST_CASE("The log says whether its file was reopened") {
  const TempDir directory;
  ::mkdir((directory / "d").c_str(), 0755);
  LogSink sink(LogLevel::Info, makeLogWriter(toFile(directory / "d/log", config::LogFormat::Text)),
               {});
  sink.reopen();
  sink.flush();
  CHECK(readFile(directory / "d/log").find("INFO  log reopened") != std::string::npos);
  REQUIRE(std::rename((directory / "d").c_str(), (directory / "gone").c_str()) == 0);
  sink.reopen();
  sink.flush();
  CHECK(readFile(directory / "gone/log").find("ERROR log not reopened reason=") !=
        std::string::npos);
}

TEST_CASE("A full disk costs lines, and cuts none in two for the next") {
  const auto writer = makeLogWriter(toFile("/dev/full", config::LogFormat::Text));
  CHECK_THROWS_AS(writer->write(entryWith("x")), std::system_error);
}

TEST_CASE("The journal gets fields, with line ends in their binary form") {
  const TempDir directory;
  const FakeDaemon journal(directory / "journal");
  config::Logging settings;
  settings.target = config::LogTarget::Journal;
  settings.format = config::LogFormat::Journald;
  const auto writer = makeLogWriter(settings, {.journal = directory / "journal"});
  writer->write(entryWith("a\nb"));
  using namespace std::string_literals;
  CHECK(journal.receive() ==
        "MESSAGE=client denied ref=7f3a role=\"a\\nb\"\nPRIORITY=4\nSYSLOG_IDENTIFIER=peerpool\n"
        "PEERPOOL_EVENT=client denied\nPEERPOOL_REF=7f3a\n"
        "PEERPOOL_ROLE\n\x03\0\0\0\0\0\0\0a\nb\n"s);
}

TEST_CASE("A field of the journal cannot be added by a value") {
  const std::string record =
      journalRecord({LogLevel::Info, "client login", {{"application-name", "x\nPRIORITY=0"}}});
  CHECK(record.find("PEERPOOL_APPLICATION_NAME\n") != std::string::npos);
  // Its length comes before it, so a reader takes it as a whole.
  CHECK(record.find(std::string("\x0c\0\0\0\0\0\0\0x\nPRIORITY=0\n", 21)) != std::string::npos);
}

TEST_CASE("A journal that is not there costs entries only, until it is") {
  const TempDir directory;
  config::Logging settings;
  settings.target = config::LogTarget::Journal;
  const auto writer = makeLogWriter(settings, {.journal = directory / "journal"});
  CHECK_THROWS_AS(writer->write(entryWith("x")), std::system_error);
  const FakeDaemon journal(directory / "journal");
  writer->write(entryWith("y"));
  CHECK(journal.receive().find("PEERPOOL_ROLE=y") != std::string::npos);
}

TEST_CASE("Syslog gets one datagram for each event, with severity and our process") {
  const TempDir directory;
  const FakeDaemon syslog(directory / "log");
  config::Logging settings;
  settings.target = config::LogTarget::Syslog;
  auto writer = makeLogWriter(settings, {.syslog = directory / "log"});
  const std::string head = "<28>peerpool[" + std::to_string(::getpid()) + "]: ";
  writer->write(entryWith("%n\n<0>x"));
  CHECK(syslog.receive() == head + "client denied ref=7f3a role=\"%n\\n<0>x\"");
  LogEntry error = entryWith("x");
  error.event.level = LogLevel::Error;
  writer->write(error);
  CHECK(syslog.receive().starts_with("<27>"));
  settings.format = config::LogFormat::Json;
  writer = makeLogWriter(settings, {.syslog = directory / "log"});
  writer->write(entryWith("x"));
  CHECK(syslog.receive().starts_with(head + "{\"@timestamp\":"));
}

TEST_CASE("A daemon that does not read costs entries, and a moment once") {
  const TempDir directory;
  const FakeDaemon syslog(directory / "log");
  config::Logging settings;
  settings.target = config::LogTarget::Syslog;
  const auto writer = makeLogWriter(settings, {.syslog = directory / "log"});
  std::size_t dropped = 0;
  std::size_t written = 0;
  while (dropped < 100) {
    try {
      writer->write(entryWith("x"));
      ++written;
    } catch (const std::system_error& error) {
      REQUIRE(error.code().value() == EAGAIN);
      ++dropped;
    }
  }
  while (written > 0) {
    CHECK(syslog.receive().starts_with("<28>"));
    --written;
  }
  writer->write(entryWith("y"));
  CHECK(syslog.receive().find("role=y") != std::string::npos);
}

}  // namespace
}  // namespace peerpool::observe
