// Files of the tz database and rules for all years: whatever the bytes are, clocks stay within a
// day or so of UTC, and what holds up to some second holds in each before it.

#include <cstddef>
#include <cstdint>

#include "auth/posix_zone.h"
#include "auth/time_zone.h"
#include "proxy/base/check.h"

using namespace peerpool;

namespace {

constexpr std::int64_t kYear = std::int64_t{366} * 86'400;

template <typename Zone>
void look(const Zone& zone) {
  for (std::int64_t utc = -200 * kYear; utc < 300 * kYear; utc += 7 * kYear + 12'345'678) {
    const auth::ZoneOffset offset = zone.offsetAt(utc);
    check(offset.seconds >= -100'000 && offset.seconds <= 100'000, "a clock of another world");
    check(offset.until > utc, "an offset that is over already");
    const std::int64_t last = offset.until < utc + kYear ? offset.until - 1 : utc + 3600;
    if (last < utc + kYear && offset.until > last) {
      check(zone.offsetAt(last).seconds == offset.seconds, "an offset that ends too early");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto zone = auth::TimeZone::parse(input)) {
    look(*zone);
  }
  if (const auto zone = auth::PosixZone::parse(asText(input))) {
    look(*zone);
  }
  return 0;
}
