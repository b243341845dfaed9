#include "proxy/attest/options.h"

namespace peerpool::attest {
namespace {

Error refused(const std::string& text) { return {ErrorCode::Refused, text}; }

}  // namespace

Result<Options> parseOptions(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--help") {
      options.help = true;
      return options;
    }
    if (name != "--socket" && name != "--client") {
      return refused("unknown argument " + name);
    }
    if (i + 1 == arguments.size() || arguments[i + 1].empty()) {
      return refused(name + " needs a value");
    }
    (name == "--socket" ? options.socket : options.client) = arguments[++i];
  }
  if (options.client.empty()) {
    return refused("--client is missing: the account that peerpool runs as");
  }
  return options;
}

const char* usage() noexcept {
  return "usage: peerpool-attest --client USER [--socket PATH]\n"
         "Tells peerpool, which runs as USER, what program a process runs. Without --socket it\n"
         "listens on the socket that the service manager passes.\n";
}

}  // namespace peerpool::attest
