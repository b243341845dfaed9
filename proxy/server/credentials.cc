#include "proxy/server/credentials.h"

#include <algorithm>
#include <cstdlib>

#include "auth/secret.h"

namespace peerpool::server {
namespace {

void checkOne(const config::Backend& backend, const std::string& role, const std::string& secret,
              const std::string& directory, config::Diagnostics& out) {
  const std::string key = "backends." + backend.name + ".secrets." + role;
  if (directory.empty()) {
    out.warning(backend.where, key, secret + " can be checked only by the running service",
                "ExecReload= of the unit does; by hand set $CREDENTIALS_DIRECTORY");
    return;
  }
  if (const Result<auth::Secret> loaded = auth::loadSecret(secret, directory); !loaded) {
    out.error(backend.where, key, loaded.error().text,
              "the unit needs LoadCredential=" + std::string(config::credentialName(secret)) +
                  ":/path/of/the/secret");
  }
}

}  // namespace

std::string credentialsDirectory() {
  const char* value = std::getenv("CREDENTIALS_DIRECTORY");
  return value == nullptr ? "" : value;
}

void checkCredentials(const config::Config& config, const std::string& directory,
                      config::Diagnostics& out) {
  for (const config::Backend& backend : config.backends) {
    for (const auto& [role, secret] : backend.secret_files) {
      if (!config::credentialName(secret).empty()) {
        checkOne(backend, role, secret, directory, out);
      }
    }
  }
}

bool usesCredentials(const config::Config& config) noexcept {
  return std::any_of(
      config.backends.begin(), config.backends.end(), [](const config::Backend& backend) {
        return std::any_of(
            backend.secret_files.begin(), backend.secret_files.end(),
            [](const auto& entry) { return !config::credentialName(entry.second).empty(); });
      });
}

}  // namespace peerpool::server
