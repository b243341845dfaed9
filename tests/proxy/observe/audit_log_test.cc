// The audit log's queue and file: order, numbers, failure and recovery.

#include "proxy/observe/audit_log.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <sstream>
#include <thread>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace peerpool::observe {
namespace {

using testing::eventually;
using testing::readFile;
using testing::TempDir;

class RememberingLog final : public Log {
 public:
  [[nodiscard]] bool wants(LogLevel) const noexcept override { return true; }
  void write(LogEvent event) noexcept override {
    const std::lock_guard lock(mutex_);
    events_ += std::string(event.event) + ';';
  }
  [[nodiscard]] std::string events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::string events_;
};

AuditEvent of(AuditAction action, const std::string& reference = "r") {
  AuditEvent event;
  event.action = action;
  event.reference = reference;
  return event;
}

AuditLog::Settings settings(bool required) {
  AuditLog::Settings result;
  result.required = required;
  result.retry = std::chrono::milliseconds(5);
  result.origin = {"i", 1};
  result.now = [] { return std::chrono::system_clock::time_point{}; };
  return result;
}

std::vector<std::string> linesOf(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(readFile(path));
  for (std::string line; std::getline(text, line);) {
    lines.push_back(line);
  }
  return lines;
}

/// One line, and not two of which the first has lost its end.
bool isWhole(const std::string& line) {
  return line.rfind("{\"@timestamp\":") == 0 && line.back() == '}';
}

void checkWithoutGaps(const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    INFO(lines[i]);
    CHECK(lines[i].find("\"event.sequence\":" + std::to_string(i + 1) + ',') != std::string::npos);
    CHECK(isWhole(lines[i]));
  }
}

/// No file may grow beyond it, in this process, for a scope.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_CASE("Events of many threads are numbered without gaps") {
  const TempDir directory;
  RememberingLog log;
  {
    AuditLog audit(directory / "a", settings(true), log);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int number = 0; number < 200; ++number) {
          recordAfterwards(audit, of(AuditAction::SessionEnded));
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    CHECK(audit.lost() == 0);
  }
  const std::vector<std::string> lines = linesOf(directory / "a");
  CHECK(lines.size() == 800);
  checkWithoutGaps(lines);
}

TEST_CASE("A required audit log that cannot be written lets nobody in, another one does") {
  RememberingLog log;
  for (const bool required : {true, false}) {
    AuditLog audit("/dev/full", settings(required), log);
    CHECK(audit.record(of(AuditAction::ServiceStarted)));
    audit.flush();
    CHECK(audit.record(of(AuditAction::LoginAllowed)) == !required);
    CHECK(audit.record(of(AuditAction::ConnectionStarted)) == !required);
    CHECK(audit.record(of(AuditAction::LoginDenied)));
    CHECK(audit.record(of(AuditAction::SessionEnded)));
  }
  CHECK(log.events() ==
        "audit log cannot be written;audit events not written;"
        "audit log cannot be written;audit events not written;");
}

TEST_CASE("Once it can be written again nothing is missing, cut or told twice") {
  const TempDir directory;
  RememberingLog log;
  AuditLog audit(directory / "a", settings(true), log);
  CHECK(audit.record(of(AuditAction::LoginAllowed, "first")));
  audit.flush();
  {
    const FileSizeLimit limit(readFile(directory / "a").size() + 100);
    CHECK(audit.record(of(AuditAction::LoginAllowed, "cut")));
    recordAfterwards(audit, of(AuditAction::SessionEnded, "waits"));
    audit.flush();
    CHECK_FALSE(audit.record(of(AuditAction::LoginAllowed, "refused")));
    recordAfterwards(audit, of(AuditAction::LoginDenied, "denied instead"));
    CHECK(readFile(directory / "a").back() != '\n');  // Half a line.
  }
  CHECK(eventually([&] { return audit.record(of(AuditAction::LoginAllowed, "again")); }));
  audit.flush();
  const std::vector<std::string> lines = linesOf(directory / "a");
  REQUIRE(lines.size() == 5);
  checkWithoutGaps(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const char* const references[] = {"first", "cut", "waits", "denied instead", "again"};
    CHECK(lines[i].find(std::string("\"event.id\":\"") + references[i] + '"') != std::string::npos);
  }
  CHECK(log.events() == "audit log cannot be written;audit log can be written again;");
}

TEST_CASE("A full queue refuses who would be let in, and counts the others") {
  const TempDir directory;
  RememberingLog log;
  {
    AuditLog::Settings small = settings(true);
    small.events = 2;
    AuditLog audit("/dev/full", small, log);
    recordAfterwards(audit, of(AuditAction::ServiceStarted));
    audit.flush();  // From here on it fails, and what is recorded waits.
    for (int i = 0; i < 5; ++i) {
      recordAfterwards(audit, of(AuditAction::LoginDenied));
    }
    CHECK(audit.lost() == 3);
  }
  AuditLog::Settings none = settings(true);
  none.bytes = 3;
  AuditLog audit(directory / "b", none, log);
  CHECK_FALSE(audit.record(of(AuditAction::LoginAllowed, "long")));
  CHECK(audit.lost() == 0);
  recordAfterwards(audit, of(AuditAction::LoginDenied, "long"));
  CHECK(audit.lost() == 1);
  audit.flush();
  const std::vector<std::string> lines = linesOf(directory / "b");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("\"event.reason\":\"events without room: 1\"") != std::string::npos);
}

TEST_CASE("After a reopen lines go to the new file, and a cut one goes there as a whole") {
  const TempDir directory;
  RememberingLog log;
  ::mkdir((directory / "d").c_str(), 0755);
  AuditLog audit(directory / "d/a", settings(false), log);
  recordAfterwards(audit, of(AuditAction::LoginAllowed, "first"));
  audit.flush();
  REQUIRE(std::rename((directory / "d/a").c_str(), (directory / "d/a.1").c_str()) == 0);
  {
    const FileSizeLimit limit(readFile(directory / "d/a.1").size() + 50);
    recordAfterwards(audit, of(AuditAction::LoginAllowed, "cut"));
    audit.flush();
    audit.reopen();
    audit.flush();
  }
  CHECK(eventually([&] { return log.events().find("written again") != std::string::npos; }));
  CHECK(isWhole(linesOf(directory / "d/a").at(0)));
  CHECK(linesOf(directory / "d/a").at(0).find("\"event.sequence\":2,") != std::string::npos);
  REQUIRE(std::rename((directory / "d").c_str(), (directory / "gone").c_str()) == 0);
  audit.reopen();
  recordAfterwards(audit, of(AuditAction::LoginAllowed, "third"));
  audit.flush();
  CHECK(log.events().find("audit log not reopened;") != std::string::npos);
  CHECK(linesOf(directory / "gone/a").size() == 2);
}

}  // namespace
}  // namespace peerpool::observe
