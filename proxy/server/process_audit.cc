#include "proxy/server/process_audit.h"

#include <unistd.h>

#include <utility>

#include "proxy/observe/audit_log.h"
#include "proxy/server/admission.h"

namespace peerpool::server {
namespace {

class NoAudit final : public ProcessAudit {
 public:
  bool record(AuditEvent event) noexcept override {
    (void)event;
    return true;
  }
};

class WrittenAudit final : public ProcessAudit {
 public:
  WrittenAudit(std::unique_ptr<observe::AuditTarget> target, std::string place,
               observe::AuditLog::Settings settings, Log& log)
      : place_(std::move(place)), written_(std::move(target), std::move(settings), log) {}

  bool record(AuditEvent event) noexcept override { return written_.record(std::move(event)); }
  void reopen() override { written_.reopen(); }
  std::optional<admin::AuditReport> report() const override {
    const observe::ChainEnd end = written_.chainEnd();
    return admin::AuditReport{place_, end.sequence, end.hash, written_.lost()};
  }

 private:
  void flush() override { written_.flush(); }

  std::string place_;
  observe::AuditLog written_;
};

}  // namespace

void ProcessAudit::recordStart(std::uint64_t generation) {
  recordOwn(AuditAction::ServiceStarted, generation, {});
  flush();
}

void ProcessAudit::recordStop(std::uint64_t generation, const std::string& reason) {
  recordOwn(AuditAction::ServiceStopped, generation, reason);
}

void ProcessAudit::recordLoaded(std::uint64_t generation) {
  recordOwn(AuditAction::ConfigurationLoaded, generation, {});
}

void ProcessAudit::recordRefused(std::uint64_t generation, const std::string& complaint) {
  recordOwn(AuditAction::ConfigurationRefused, generation, complaint);
}

void ProcessAudit::recordMode(std::uint64_t generation, const std::string& mode) {
  recordOwn(AuditAction::ModeChanged, generation, mode);
}

void ProcessAudit::recordCommand(std::uint64_t generation, const AuditPeer& peer,
                                 const std::string& command) {
  AuditEvent event;
  event.action = AuditAction::AdminCommand;
  event.generation = generation;
  event.peer = peer;
  event.reason = command;
  recordAfterwards(*this, std::move(event));
}

void ProcessAudit::recordOwn(AuditAction action, std::uint64_t generation,
                             const std::string& reason) {
  AuditEvent event;
  event.action = action;
  event.generation = generation;
  event.reason = reason;
  recordAfterwards(*this, std::move(event));
}

std::unique_ptr<ProcessAudit> openAudit(const config::Auditing& settings, Log& log) {
  if (settings.file.empty() && !settings.journal) {
    return std::make_unique<NoAudit>();
  }
  observe::AuditLog::Settings own;
  own.required = settings.required;
  own.origin = {makeReference(), ::getpid()};
  auto target =
      settings.journal ? observe::makeAuditJournal() : observe::makeAuditFile(settings.file);
  const std::string place = settings.journal ? "journal" : settings.file;
  return std::make_unique<WrittenAudit>(std::move(target), place, std::move(own), log);
}

}  // namespace peerpool::server
