#include "auth/limit_reached.h"

namespace peerpool::auth {

std::string describe(const LimitReached& reached) {
  std::string_view what = "clients";
  if (reached.limit == Limit::ConnectRatePerUid) {
    what = "connections in a short time";
  } else if (reached.limit == Limit::ServersPerUid) {
    what = "servers in use";
  }
  return std::string("too many ").append(what).append(" (").append(reached.setting).append(")");
}

std::string describePlaceGiven(const LimitReached& reached) {
  return describe(reached).append(": ").append(kPlaceGiven);
}

std::string ruleSetting(const std::string& rule, const std::string& key, std::size_t value) {
  return std::string("rules.\"")
      .append(rule)
      .append("\".limits.")
      .append(key)
      .append(": ")
      .append(std::to_string(value));
}

}  // namespace peerpool::auth
