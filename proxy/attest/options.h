// The arguments of peerpool-attest.

#pragma once

#include <string>
#include <vector>

#include "proxy/base/result.h"

namespace peerpool::attest {

struct Options {
  std::string socket;  ///< Where to listen; empty: on the socket that the service manager passes.
  std::string client;  ///< Account, by name or number, that may ask.
  bool help = false;
};

/// Error (Refused): one sentence for people.
[[nodiscard]] Result<Options> parseOptions(const std::vector<std::string>& arguments);

[[nodiscard]] const char* usage() noexcept;

}  // namespace peerpool::attest
