// Mixes the hashes of a key's parts.

#include "proxy/pool/pool_key.h"

#include <functional>
#include <string_view>

namespace peerpool::pool {
namespace {

/// Boost's hash_combine with 64-bit constants: order matters, equal parts do not cancel out.
void mix(std::size_t& hash, std::size_t part) noexcept {
  hash ^= part + 0x9e3779b97f4a7c15U + (hash << 6) + (hash >> 2);
}

void mixText(std::size_t& hash, std::string_view text) noexcept {
  mix(hash, std::hash<std::string_view>{}(text));
}

void mixTime(std::size_t& hash, config::Duration time) noexcept {
  mix(hash, static_cast<std::size_t>(time.count()));
}

}  // namespace

std::size_t PoolKeyHash::operator()(const PoolKey& key) const noexcept {
  std::size_t hash = 0;
  mixText(hash, key.backend);
  mixText(hash, key.database);
  mixText(hash, key.login_role);
  mix(hash, static_cast<std::size_t>(key.settings.mode));
  mix(hash, static_cast<std::size_t>(key.settings.session_state));
  mix(hash, key.settings.size);
  mix(hash, key.settings.min_size);
  mixTime(hash, key.settings.wait_timeout);
  mixTime(hash, key.settings.wait_notice);
  mixTime(hash, key.settings.idle_timeout);
  mixTime(hash, key.settings.lifetime);
  mix(hash, key.superuser ? 1 : 0);
  mix(hash, static_cast<std::size_t>(key.settings.isolate));
  mixText(hash, key.isolation);
  for (const auto& [name, value] : key.startup_parameters) {
    mixText(hash, name);
    mixText(hash, value);
  }
  return hash;
}

}  // namespace peerpool::pool
