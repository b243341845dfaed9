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
    Entry{"top level", "mode"},
    Entry{"top level", "audit_until"},
    Entry{"top level", "admin"},
    Entry{"top level", "metrics"},
    Entry{"top level", "allow_racy_attestation"},
    Entry{"matcher", "systemd_unit"},
    Entry{"matcher", "slice"},
    Entry{"matcher", "cgroup"},
    Entry{"matcher", "container"},
    Entry{"matcher", "exe"},
    Entry{"matcher", "exe_sha256"},
    Entry{"matcher", "selinux"},
    Entry{"matcher", "apparmor"},
    Entry{"matcher", "allow_racy_attestation"},
    Entry{"backend", "protocol", "stream"},
    Entry{"backend", "protocol", "seqpacket"},
    Entry{"backend", "protocol", "datagram"},
    Entry{"backend", "address", "tcp:"},
    Entry{"backend", "login", "password"},
    Entry{"backend", "target_session_attrs"},
    Entry{"backend", "tls"},
    Entry{"pool", "isolate"},
    Entry{"listener", "containers"},
    Entry{"listener", "pass_fds"},
    Entry{"listener", "repair"},
    Entry{"rule", "when"},
    Entry{"rule", "at_window_end"},
    Entry{"rule", "commands"},
    Entry{"rule", "replication"},
    Entry{"rule", "isolate"},
    Entry{"rule", "bind_to_process"},
    Entry{"rule", "listener", "admin"},
    Entry{"test", "at"},
    Entry{"test", "unit"},
    Entry{"test", "exe"},
    Entry{"template", "unit_instance"},
    Entry{"application_name", "unit_instance"},
    Entry{"application_name", "identity"},
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
