#include "config/not_enforced.h"

#include <algorithm>
#include <array>

namespace peerpool::config {
namespace {

/// Without a value the key as a whole; a value that ends in ':' stands for all that begin so.
struct Entry {
  std::string_view section;
  std::string_view key;
  std::string_view value = {};
};

constexpr std::array kTable = {
    Entry{"top level", "admin"},
    Entry{"top level", "metrics"},
    Entry{"backend", "protocol", "stream"},
    Entry{"backend", "protocol", "seqpacket"},
    Entry{"backend", "protocol", "datagram"},
    Entry{"backend", "address", "tcp:"},
    Entry{"backend", "login", "password"},
    Entry{"backend", "target_session_attrs"},
    Entry{"backend", "tls"},
    Entry{"listener", "pass_fds"},
    Entry{"rule", "commands"},
    Entry{"rule", "replication"},
    Entry{"rule", "listener", "admin"},
};

bool valueFits(std::string_view pattern, std::string_view value) noexcept {
  const bool prefix = !pattern.empty() && pattern.back() == ':';
  return prefix ? value.substr(0, pattern.size()) == pattern : value == pattern;
}

}  // namespace

bool isNotEnforced(std::string_view section, std::string_view key,
                   std::string_view value) noexcept {
  return std::any_of(kTable.begin(), kTable.end(), [&](const Entry& entry) {
    return entry.section == section && entry.key == key && valueFits(entry.value, value);
  });
}

}  // namespace peerpool::config
