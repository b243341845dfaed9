// `peerpool serve`.

#include <exception>
#include <filesystem>
#include <ostream>

#include "proxy/server/application.h"
#include "proxy/server/attest_client.h"
#include "proxy/server/commands.h"
#include "proxy/server/credentials.h"
#include "proxy/server/exit_code.h"
#include "proxy/server/policy_loader.h"
#include "proxy/server/privileges.h"
#include "proxy/server/runtime_directory.h"

namespace peerpool::server {

int runServe(const Options& options, std::ostream& err) {
  const std::string directory = runtimeDirectory(runtimePlace(options.runtime_directory));
  if (directory.empty()) {
    err << "peerpool serve: no runtime directory\n"
           "  hint: give --runtime-dir DIR, or set $XDG_RUNTIME_DIR\n";
    return kExitUsage;
  }
  hardenProcess();
  Result<ServiceEnvironment> service = readServiceEnvironment();
  if (!service) {
    err << "peerpool serve: " << service.error().text << '\n';
    return kExitUsage;
  }
  // Before anything else is opened: the numbers of the passed ones are given.
  std::vector<PassedSocket> sockets = takePassedSockets(service->socket_names);
  const LoadedPolicy loaded = loadSystemPolicy(options.config, attestSocketPath(directory));
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    err << config::describe(diagnostic) << '\n';
  }
  if (loaded.snapshot == nullptr) {
    return loaded.file_missing ? kExitNoInput : kExitConfiguration;
  }
  const std::string credentials = credentialsDirectory();
  if (credentials.empty() && usesCredentials(*loaded.snapshot->config)) {
    err << "peerpool serve: a secret is a credential, and $CREDENTIALS_DIRECTORY is not set\n"
           "  hint: start it by its systemd unit, with LoadCredential=\n";
    return kExitConfiguration;
  }
  err.flush();
  Application::blockSignals();
  try {
    const std::string config = std::filesystem::absolute(options.config).string();
    Application application(
        loaded.snapshot, {config, directory, credentials, *std::move(service), std::move(sockets)});
    application.run();
  } catch (const std::exception& error) {
    err << "peerpool serve: " << error.what() << '\n';
    return kExitCannotCreate;
  }
  return kExitOk;
}

}  // namespace peerpool::server
