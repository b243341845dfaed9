#include "config/units.h"

#include <array>
#include <charconv>
#include <limits>

namespace peerpool::config {
namespace {

struct Unit {
  std::string_view name;
  Duration length;
};

/// Largest first, for printing.
constexpr std::array<Unit, 5> kUnits = {{{"d", std::chrono::hours{24}},
                                         {"h", std::chrono::hours{1}},
                                         {"m", std::chrono::minutes{1}},
                                         {"s", std::chrono::seconds{1}},
                                         {"ms", Duration{1}}}};

/// Of a rate; keeps sums far from overflow.
constexpr std::uint64_t kLargestCount = 1'000'000'000;

/// Of a rate: nobody means a limit for a day or for a millisecond.
constexpr bool isPeriod(const Unit& unit) noexcept {
  return unit.length >= std::chrono::seconds{1} && unit.length <= std::chrono::hours{1};
}

constexpr std::uint64_t kLargestId = std::numeric_limits<std::uint32_t>::max() - 1;

}  // namespace

std::optional<std::uint64_t> parseNumber(std::string_view text, std::uint64_t largest) noexcept {
  if (text.empty() || text.front() < '0' || text.front() > '9' ||
      (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end || value > largest) {
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> parseDuration(std::string_view text) noexcept {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) {
    return std::nullopt;
  }
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) == unit.name) {
      const auto most = static_cast<std::uint64_t>(kLongestDuration / unit.length);
      const auto count = parseNumber(text.substr(0, digits), most);
      if (!count || *count == 0) {
        return std::nullopt;
      }
      return unit.length * static_cast<Duration::rep>(*count);
    }
  }
  return std::nullopt;
}

std::string printDuration(Duration duration) {
  for (const Unit& unit : kUnits) {
    if (duration >= unit.length && duration % unit.length == Duration::zero()) {
      return std::to_string(duration / unit.length).append(unit.name);
    }
  }
  return std::to_string(duration.count()) + "ms";
}

std::optional<Rate> parseRate(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto count = parseNumber(text.substr(0, slash), kLargestCount);
  for (const Unit& unit : kUnits) {
    if (text.substr(slash + 1) == unit.name && isPeriod(unit) && count.value_or(0) > 0) {
      return Rate{static_cast<std::size_t>(*count), unit.length};
    }
  }
  return std::nullopt;
}

std::string printRate(Rate rate) {
  const std::string period = printDuration(rate.period);
  return std::to_string(rate.count) + '/' + period.substr(period.find_first_not_of("0123456789"));
}

std::optional<mode_t> parseMode(std::string_view text) noexcept {
  if (text.size() < 3 || text.size() > 4) {
    return std::nullopt;
  }
  mode_t mode = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '7') {
      return std::nullopt;
    }
    mode = mode * 8 + static_cast<mode_t>(digit - '0');
  }
  return mode;
}

std::string printMode(mode_t mode) {
  std::string text(4, '0');
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[text.size() - 1 - i] = static_cast<char>('0' + ((mode >> (3 * i)) & 7U));
  }
  return text;
}

std::optional<IdRange> parseIdRange(std::string_view text) noexcept {
  const std::size_t dash = text.find('-');
  const auto first = parseNumber(text.substr(0, dash), kLargestId);
  const auto last =
      dash == std::string_view::npos ? first : parseNumber(text.substr(dash + 1), kLargestId);
  if (!first || !last || *first > *last) {
    return std::nullopt;
  }
  return IdRange{static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*last)};
}

std::string printIdRange(IdRange range) {
  std::string text = std::to_string(range.first);
  if (range.last != range.first) {
    text += '-' + std::to_string(range.last);
  }
  return text;
}

}  // namespace peerpool::config
