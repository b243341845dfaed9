// `peerpool check`.

#include <ostream>
#include <string_view>
#include <utility>

#include "proxy/server/attest_client.h"
#include "proxy/server/check_report.h"
#include "proxy/server/commands.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/policy_loader.h"
#include "proxy/server/runtime_directory.h"

namespace peerpool::server {
namespace {

using Severity = config::Diagnostic::Severity;

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
}

CheckReport reportOf(const std::string& file, LoadedPolicy loaded, bool strict) {
  CheckReport report;
  report.file = file;
  report.diagnostics = std::move(loaded.diagnostics);
  for (config::Diagnostic& diagnostic : report.diagnostics) {
    diagnostic.severity = strict ? Severity::Error : diagnostic.severity;
  }
  report.ok = loaded.snapshot != nullptr && report.count(Severity::Error) == 0;
  if (loaded.snapshot != nullptr) {
    report.listeners = loaded.snapshot->config->listeners.size();
    report.rules = loaded.snapshot->config->rules.size();
    report.tests = loaded.snapshot->config->tests.size();
  }
  return report;
}

void writeText(const CheckReport& report, bool file_missing, std::ostream& out, std::ostream& err) {
  for (const config::Diagnostic& diagnostic : report.diagnostics) {
    err << config::describe(diagnostic) << '\n';
  }
  if (!report.ok) {
    if (!file_missing) {
      err << report.file << ": " << counted(report.count(Severity::Error), "error") << '\n';
    }
    return;
  }
  out << report.file << ": ok, " << counted(report.listeners, "listener") << ", "
      << counted(report.rules, "rule") << ", " << counted(report.tests, "test") << " passed";
  const std::size_t warnings = report.count(Severity::Warning);
  out << (warnings == 0 ? "" : ", " + counted(warnings, "warning")) << '\n';
}

}  // namespace

int runCheck(const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
             std::ostream& out, std::ostream& err) {
  const std::string directory = runtimeDirectory(runtimePlace(options.runtime_directory));
  LoadedPolicy loaded =
      loadPolicy(options.config, accounts, files, nullptr, {attestSocketPath(directory), false});
  const bool file_missing = loaded.file_missing;
  const CheckReport report = reportOf(options.config, std::move(loaded), options.strict);
  switch (options.format) {
    case ReportFormat::Text:
      writeText(report, file_missing, out, err);
      break;
    case ReportFormat::Json:
      writeCheckJson(report, out);
      break;
    case ReportFormat::Sarif:
      writeCheckSarif(report, out);
      break;
  }
  return file_missing ? kExitNoInput : report.ok ? kExitOk : kExitConfiguration;
}

}  // namespace peerpool::server
