// `peerpool check`.

#include <algorithm>
#include <ostream>
#include <string_view>

#include "proxy/server/commands.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/policy_loader.h"

namespace peerpool::server {
namespace {

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
}

std::size_t countOf(const LoadedPolicy& loaded, config::Diagnostic::Severity severity) {
  return static_cast<std::size_t>(std::count_if(
      loaded.diagnostics.begin(), loaded.diagnostics.end(),
      [severity](const config::Diagnostic& one) { return one.severity == severity; }));
}

}  // namespace

int runCheck(const Options& options, auth::Accounts& accounts, const auth::FileFacts& files,
             std::ostream& out, std::ostream& err) {
  const LoadedPolicy loaded = loadPolicy(options.config, accounts, files);
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    err << config::describe(diagnostic) << '\n';
  }
  if (loaded.snapshot == nullptr) {
    if (!loaded.file_missing) {
      err << options.config << ": "
          << counted(countOf(loaded, config::Diagnostic::Severity::Error), "error") << '\n';
    }
    return loaded.file_missing ? kExitNoInput : kExitConfiguration;
  }
  const config::Config& config = *loaded.snapshot->config;
  out << options.config << ": ok, " << counted(config.listeners.size(), "listener") << ", "
      << counted(config.rules.size(), "rule") << ", " << counted(config.tests.size(), "test")
      << " passed";
  const std::size_t warnings = countOf(loaded, config::Diagnostic::Severity::Warning);
  out << (warnings == 0 ? "" : ", " + counted(warnings, "warning")) << '\n';
  return kExitOk;
}

}  // namespace peerpool::server
