// The audit log in the journal: its fields, and what happens when nobody receives them.

#include "proxy/observe/audit_journal.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <set>
#include <system_error>

#include "proxy/base/unique_fd.h"
#include "proxy/observe/audit_log.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace peerpool::observe {
namespace {

using testing::TempDir;

class NoLog final : public Log {
 public:
  [[nodiscard]] bool wants(LogLevel) const noexcept override { return false; }
  void write(LogEvent) noexcept override {}
};

/// Plays journald.
class FakeJournal {
 public:
  explicit FakeJournal(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  /// A record, also one that came as a file; empty: there is none.
  [[nodiscard]] std::string receive() const {
    std::string datagram(1 << 18, '\0');
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    iovec piece{datagram.data(), datagram.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT);
    datagram.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message); size >= 0 && header != nullptr) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
      const UniqueFd file(fd);
      datagram.resize(std::size_t{1} << 22);
      const ssize_t got = ::pread(file.get(), datagram.data(), datagram.size(), 0);
      datagram.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return datagram;
  }

 private:
  UniqueFd fd_;
};

AuditLog::Settings settings(bool required) {
  AuditLog::Settings result;
  result.required = required;
  result.retry = std::chrono::milliseconds(5);
  result.origin = {"i", 1};
  return result;
}

AuditEvent denial() {
  AuditEvent event;
  event.action = AuditAction::LoginDenied;
  event.reference = "7f3a";
  event.reason = "no rule\nMESSAGE_ID=0";
  event.peer = AuditPeer{1000, 1001, 4242, "alice"};
  event.rule = "default";
  event.listener = "pg";
  event.database = "shop";
  return event;
}

bool has(const std::string& record, const std::string& field) {
  return ('\n' + record).find('\n' + field + '\n') != std::string::npos;
}

TEST_CASE("An event in the journal has fields that can be selected by") {
  const std::string record = auditJournalRecord(denial(), R"({"a":1})");
  CHECK(has(record, R"(MESSAGE=login denied: no rule\nMESSAGE_ID=0)"));
  CHECK(has(record, "MESSAGE_ID=" + std::string(messageId(AuditAction::LoginDenied))));
  CHECK(has(record, "PRIORITY=4"));
  CHECK(has(record, "SYSLOG_IDENTIFIER=peerpool-audit"));
  CHECK(has(record, "OBJECT_PID=4242"));
  CHECK(has(record, "PEERPOOL_DECISION=deny"));
  CHECK(has(record, "PEERPOOL_RULE=default"));
  CHECK(has(record, "PEERPOOL_PEER_UID=1000"));
  CHECK(has(record, "PEERPOOL_PEER_USER=alice"));
  CHECK(has(record, "PEERPOOL_LISTENER=pg"));
  CHECK(has(record, "PEERPOOL_DATABASE=shop"));
  CHECK(has(record, R"(PEERPOOL_AUDIT={"a":1})"));
}

TEST_CASE("The unit of a process in the journal can be selected by") {
  AuditEvent event = denial();
  CHECK(auditJournalRecord(event, "{}").find("PEERPOOL_PEER_UNIT") == std::string::npos);
  event.peer->process.unit = "web.service";
  event.peer->process.container = "none";
  const std::string record = auditJournalRecord(event, "{}");
  CHECK(has(record, "PEERPOOL_PEER_UNIT=web.service"));
  CHECK(has(record, "PEERPOOL_PEER_CONTAINER=none"));
}

TEST_CASE("What a peer sent adds no field to the journal (check 55)") {
  AuditEvent event = denial();
  event.database = "x\n\nPRIORITY=0\n\x1b[2J";
  event.peer->user = "a\nOBJECT_PID=1";
  const std::string record = auditJournalRecord(event, "{}");
  CHECK_FALSE(has(record, "PRIORITY=0"));
  CHECK_FALSE(has(record, "OBJECT_PID=1"));
  CHECK(record.find("\n\n") == std::string::npos);
  CHECK(record.find('\x1b') == std::string::npos);
}

TEST_CASE("Each kind of event has an id of its own, as the journal wants it") {
  std::set<std::string_view> ids;
  int count = 0;
  for (; count <= static_cast<int>(AuditAction::ChainContinued); ++count) {
    const std::string_view id = messageId(static_cast<AuditAction>(count));
    CHECK(id.size() == 32);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string_view::npos);
    ids.insert(id);
  }
  CHECK(ids.size() == static_cast<std::size_t>(count));
}

TEST_CASE("Each event is one datagram, and a large one a file") {
  const TempDir directory;
  const FakeJournal journal(directory / "j");
  NoLog log;
  AuditLog audit(makeAuditJournal(directory / "j"), settings(true), log);
  recordAfterwards(audit, denial());
  recordAfterwards(audit, denial());
  AuditEvent large = denial();
  large.dry_run.assign(2000, "deny: " + std::string(200, 'r'));
  recordAfterwards(audit, large);
  audit.flush();
  const std::string first = journal.receive();
  CHECK(has(first, "PEERPOOL_DATABASE=shop"));
  CHECK(first.find("\"event.sequence\":1,") != std::string::npos);
  CHECK(journal.receive().find("\"event.sequence\":2,") != std::string::npos);
  const std::string third = journal.receive();
  CHECK(third.size() > 400'000);
  CHECK(has(third, "PEERPOOL_DATABASE=shop"));
  CHECK(journal.receive().empty());
  CHECK(audit.chainEnd().sequence == 3);
}

TEST_CASE("A required journal that is gone lets nobody in until it is back, and misses nothing") {
  const TempDir directory;
  NoLog log;
  CHECK_THROWS_AS(makeAuditJournal(directory / "j"), std::system_error);
  auto first = std::make_unique<FakeJournal>(directory / "j");
  AuditLog audit(makeAuditJournal(directory / "j"), settings(true), log);
  REQUIRE(::unlink((directory / "j").c_str()) == 0);
  recordAfterwards(audit, denial());
  audit.flush();
  AuditEvent login;
  login.action = AuditAction::LoginAllowed;
  CHECK_FALSE(audit.record(login));
  first.reset();
  const FakeJournal second(directory / "j");
  CHECK(testing::eventually([&] { return audit.record(login); }));
  audit.flush();
  CHECK(has(second.receive(), "PEERPOOL_DECISION=deny"));
  CHECK(has(second.receive(), "PEERPOOL_DECISION=allow"));
}

}  // namespace
}  // namespace peerpool::observe
