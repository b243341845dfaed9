#include "proxy/server/known_listener.h"

#include <ostream>
#include <string_view>
#include <vector>

#include "config/wording.h"

namespace peerpool::server {

bool isKnownListener(const config::Config& config, const std::string& name,
                     const std::string& command, std::ostream& err) {
  if (config::findListener(config, name) != nullptr) {
    return true;
  }
  std::vector<std::string_view> names;
  for (const config::Listener& listener : config.listeners) {
    names.emplace_back(listener.name);
  }
  err << "peerpool " << command << ": there is no listener " << config::quoted(name)
      << "\n  hint: " << config::suggest(name, names, "listeners") << '\n';
  return false;
}

}  // namespace peerpool::server
