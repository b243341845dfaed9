// Secrets that the service manager passes: whether those that the configuration names are there.

#pragma once

#include <string>

#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::server {

/// $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=); empty when it is not set.
[[nodiscard]] std::string credentialsDirectory();

/// Reports each `credential:` secret of a backend that cannot be read from `directory`. Without a
/// directory, outside of the service, that is a warning. No content is kept or shown.
void checkCredentials(const config::Config& config, const std::string& directory,
                      config::Diagnostics& out);

/// Does any backend need the directory?
[[nodiscard]] bool usesCredentials(const config::Config& config) noexcept;

}  // namespace peerpool::server
