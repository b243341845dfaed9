#include "proxy/server/process_audit.h"

#include <unistd.h>

#include <utility>

#include "proxy/observe/audit_log.h"
#include "proxy/server/admission.h"

namespace peerpool::server {
namespace {

class NoFile final : public ProcessAudit {
 public:
  bool record(AuditEvent event) noexcept override {
    (void)event;
    return true;
  }
};

class FileAudit final : public ProcessAudit {
 public:
  FileAudit(const std::string& path, observe::AuditLog::Settings settings, Log& log)
      : file_(path, std::move(settings), log) {}

  bool record(AuditEvent event) noexcept override { return file_.record(std::move(event)); }
  void reopen() override { file_.reopen(); }

 private:
  void flush() override { file_.flush(); }
  observe::AuditLog file_;
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

void ProcessAudit::recordOwn(AuditAction action, std::uint64_t generation,
                             const std::string& reason) {
  AuditEvent event;
  event.action = action;
  event.generation = generation;
  event.reason = reason;
  recordAfterwards(*this, std::move(event));
}

std::unique_ptr<ProcessAudit> openAudit(const config::Auditing& settings, Log& log) {
  if (settings.file.empty()) {
    return std::make_unique<NoFile>();
  }
  observe::AuditLog::Settings own;
  own.required = settings.required;
  own.origin = {makeReference(), ::getpid()};
  return std::make_unique<FileAudit>(settings.file, std::move(own), log);
}

}  // namespace peerpool::server
