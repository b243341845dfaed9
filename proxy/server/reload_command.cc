#include "proxy/server/reload_command.h"

#include <ostream>

#include "proxy/admin/reload_json.h"
#include "proxy/server/control_client.h"
#include "proxy/server/exit_code.h"

namespace peerpool::server {
namespace {

// Looking up accounts may take the directory service a while.
constexpr Duration kPatience{30'000};

int fail(std::ostream& err, const Error& error) {
  err << "peerpool reload: " << error.text << '\n';
  return exitCode(error);
}

}  // namespace

int runReload(const Options& options, std::ostream& out, std::ostream& err) {
  const std::string path = controlSocketPath(options, err);
  if (path.empty()) {
    return kExitUsage;
  }
  const Result<std::string> json = askRunning(path, kReloadRequest, kPatience);
  if (!json) {
    return fail(err, json.error());
  }
  const Result<admin::ReloadReport> report = admin::parseReloadJson(*json);
  if (!report) {
    return fail(err, report.error());
  }
  for (const std::string& complaint : report->complaints) {
    err << complaint << '\n';
  }
  for (const std::string& kept : report->kept) {
    err << "peerpool reload: " << kept << '\n';
  }
  if (!report->ok) {
    err << "peerpool reload: refused, generation " << report->generation << " stays in force\n";
    return kExitConfiguration;
  }
  out << "reloaded, generation " << report->generation << '\n';
  return kExitOk;
}

}  // namespace peerpool::server
