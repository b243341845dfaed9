// Shows the answer as tables, or as it came.

#include "proxy/server/status_command.h"

#include <ostream>

#include "proxy/admin/tables.h"
#include "proxy/server/control_client.h"
#include "proxy/server/exit_code.h"

namespace peerpool::server {
namespace {

int fail(std::ostream& err, const Error& error) {
  err << "peerpool status: " << error.text << '\n';
  return exitCode(error);
}

}  // namespace

int runStatus(const Options& options, std::ostream& out, std::ostream& err) {
  const std::string path = controlSocketPath(options, err);
  if (path.empty()) {
    return kExitUsage;
  }
  const Result<std::string> json =
      askRunning(path, std::string(admin::name(options.what)), Duration(5'000));
  if (!json) {
    return fail(err, json.error());
  }
  const Result<std::string> tables = admin::statusTables(*json);
  if (!tables) {
    return fail(err, tables.error());
  }
  out << (options.json ? *json : *tables);
  return kExitOk;
}

}  // namespace peerpool::server
