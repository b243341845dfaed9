#include "auth/time_zones.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

constexpr std::size_t kLongestName = 100;

/// Parts of letters, digits and a few signs; none begins with a dot.
bool isZoneName(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  };
  return !name.empty() && name.size() <= kLongestName && name.front() != '/' &&
         name.find("//") == std::string_view::npos && std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

const TimeZones::Found& TimeZones::find(const std::string& name) {
  const auto known = known_.find(name);
  return known != known_.end() ? known->second : known_.emplace(name, load(name)).first->second;
}

TimeZones::Found TimeZones::load(const std::string& name) const {
  const std::string path = directory_ + '/' + name;
  struct stat status {};
  if (!isZoneName(name) || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return Error{ErrorCode::Refused, "there is no time zone " + quoted(name)};
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(TimeZone::kMaxFileSize + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) {
    return Error{ErrorCode::System, path + " cannot be read"};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  Result<TimeZone> zone = TimeZone::parse(asBytes(text));
  if (!zone) {
    return Error{ErrorCode::Protocol, path + ' ' + zone.error().text};
  }
  return std::make_shared<const TimeZone>(*std::move(zone));
}

}  // namespace peerpool::auth
