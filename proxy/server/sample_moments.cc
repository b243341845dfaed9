#include "proxy/server/sample_moments.h"

#include <array>
#include <cstdio>
#include <set>

namespace peerpool::server {
namespace {

constexpr std::array<const char*, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::string momentText(const config::WeekTime& time) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%s %02u:%02u", kDays.at(time.day),
                      time.minute / 60, time.minute % 60);
  return text.data();
}

}  // namespace

std::vector<SampleMoment> sampleMoments(const std::vector<const config::Config*>& configs) {
  std::vector<config::TimeWindow> windows;
  std::set<unsigned> minutes{0};
  for (const config::Config* config : configs) {
    for (const config::PolicyRule& rule : config->rules) {
      for (const config::TimeWindow& window : rule.when) {
        windows.push_back(window);
        minutes.insert(
            {window.begin % config::kMinutesPerDay, window.end % config::kMinutesPerDay});
      }
    }
  }
  std::vector<SampleMoment> moments;
  std::set<std::vector<bool>> seen;
  for (unsigned day = 0; day < kDays.size(); ++day) {
    for (const unsigned minute : minutes) {
      const config::WeekTime time{day, minute};
      std::vector<bool> holding;
      for (const config::TimeWindow& window : windows) {
        holding.push_back(window.contains(time));
      }
      if (seen.insert(std::move(holding)).second) {
        moments.push_back({time, momentText(time)});
      }
    }
  }
  return moments;
}

}  // namespace peerpool::server
