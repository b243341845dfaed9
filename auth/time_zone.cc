// RFC 8536 sections 3.1 to 3.3: a header and data block with 32-bit times, which are skipped, then
// the same with 64-bit times, then a line for all later years.

#include "auth/time_zone.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace peerpool::auth {
namespace {

constexpr std::string_view kMagic = "TZif";
constexpr std::size_t kHeaderSize = 44;
constexpr std::size_t kTypeSize = 6;
constexpr std::uint32_t kMostTypes = 256;
// Section 3.2: from -24:59:59 to 25:59:59.
constexpr std::int64_t kLeastOffset = -89'999;
constexpr std::int64_t kMostOffset = 93'599;

Error broken(const char* text) { return {ErrorCode::Protocol, text}; }

std::uint64_t bigEndian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value = value << 8 | byte;
  }
  return value;
}

struct Header {
  std::uint8_t version = 0;
  std::uint32_t utc_flags = 0;
  std::uint32_t standard_flags = 0;
  std::uint32_t leap_seconds = 0;
  std::uint32_t transitions = 0;
  std::uint32_t types = 0;
  std::uint32_t characters = 0;

  /// Each count has 32 bits, so this cannot overflow.
  [[nodiscard]] std::uint64_t dataSize(std::uint64_t time_size) const noexcept {
    return transitions * (time_size + 1) + types * std::uint64_t{kTypeSize} + characters +
           leap_seconds * (time_size + 4) + standard_flags + utc_flags;
  }
};

/// Takes it off the front.
std::optional<Header> takeHeader(ByteView& file) {
  if (file.size() < kHeaderSize || asText(file.first(kMagic.size())) != kMagic) {
    return std::nullopt;
  }
  const auto count = [&](std::size_t index) {
    return static_cast<std::uint32_t>(bigEndian(file.subspan(20 + 4 * index, 4)));
  };
  const Header header{file[4], count(0), count(1), count(2), count(3), count(4), count(5)};
  file = file.subspan(kHeaderSize);
  return header;
}

/// The offsets of the types; no value: one is out of bounds.
std::optional<std::vector<std::int32_t>> readTypes(ByteView types) {
  std::vector<std::int32_t> offsets;
  for (; !types.empty(); types = types.subspan(kTypeSize)) {
    const auto offset =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(bigEndian(types.first(4))));
    if (offset < kLeastOffset || offset > kMostOffset) {
      return std::nullopt;
    }
    offsets.push_back(offset);
  }
  return offsets;
}

}  // namespace

Result<TimeZone> TimeZone::parse(ByteView file) {
  if (file.size() > kMaxFileSize) {
    return broken("is too large");
  }
  const auto old = takeHeader(file);
  if (!old) {
    return broken("is no file of the tz database");
  }
  if (old->version < '2') {
    return broken("has the format of before 2005");
  }
  if (old->dataSize(4) > file.size()) {
    return broken("ends too early");
  }
  file = file.subspan(static_cast<std::size_t>(old->dataSize(4)));
  const auto header = takeHeader(file);
  if (!header || header->dataSize(8) > file.size()) {
    return broken("ends too early");
  }
  if (header->leap_seconds != 0) {
    return broken("counts leap seconds, as the kernel does not");
  }
  if (header->types == 0 || header->types > kMostTypes) {
    return broken("has no local time");
  }
  const ByteView times = file.first(header->transitions * std::size_t{8});
  const ByteView indexes = file.subspan(times.size(), header->transitions);
  const auto offsets =
      readTypes(file.subspan(times.size() + indexes.size(), header->types * kTypeSize));
  if (!offsets) {
    return broken("has clocks that are more than a day off");
  }
  TimeZone zone;
  zone.first_offset_ = offsets->front();
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    const auto at = static_cast<std::int64_t>(bigEndian(times.subspan(i * 8, 8)));
    if (indexes[i] >= offsets->size() ||
        (!zone.transitions_.empty() && at <= zone.transitions_.back().at)) {
      return broken("has transitions that make no sense");
    }
    zone.transitions_.push_back({at, offsets->at(indexes[i])});
  }
  const std::string_view footer =
      asText(file.subspan(static_cast<std::size_t>(header->dataSize(8))));
  if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') {
    return broken("ends too early");
  }
  const std::string_view rule = footer.substr(1, footer.size() - 2);
  if (!rule.empty()) {
    zone.afterwards_ = PosixZone::parse(rule);
    if (!zone.afterwards_) {
      return broken("has a rule for later years that makes no sense");
    }
  }
  return zone;
}

ZoneOffset TimeZone::offsetAt(std::int64_t utc) const {
  const auto next =
      std::upper_bound(transitions_.begin(), transitions_.end(), utc,
                       [](std::int64_t time, const Transition& one) { return time < one.at; });
  if (next != transitions_.end()) {
    return {next == transitions_.begin() ? first_offset_ : (next - 1)->offset, next->at};
  }
  if (afterwards_) {
    return afterwards_->offsetAt(utc);
  }
  return {transitions_.empty() ? first_offset_ : transitions_.back().offset};
}

}  // namespace peerpool::auth
