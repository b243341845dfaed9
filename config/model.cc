#include "config/model.h"

#include <algorithm>

namespace peerpool::config {
namespace {

template <typename T>
const T* findByName(const std::vector<T>& all, const std::string& name) noexcept {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const T& item) { return item.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const Backend* findBackend(const Config& config, const std::string& name) noexcept {
  return findByName(config.backends, name);
}

const Listener* findListener(const Config& config, const std::string& name) noexcept {
  return findByName(config.listeners, name);
}

const Identity* findIdentity(const Config& config, const std::string& name) noexcept {
  return findByName(config.identities, name);
}

std::string_view credentialName(std::string_view secret) noexcept {
  constexpr std::string_view kPrefix = "credential:";
  return secret.substr(0, kPrefix.size()) == kPrefix ? secret.substr(kPrefix.size())
                                                     : std::string_view();
}

std::string describe(const Location& where) {
  if (where.line == 0) {
    return where.file;
  }
  return where.file + ':' + std::to_string(where.line) + ':' + std::to_string(where.column);
}

}  // namespace peerpool::config
