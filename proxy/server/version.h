// What this program calls itself.

#pragma once

namespace peerpool::server {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace peerpool::server
