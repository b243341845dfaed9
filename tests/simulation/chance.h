// Where all randomness of a simulation comes from: one seed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace peerpool::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  /// 0 to `below` - 1. Not std::uniform_int_distribution: that gives other numbers elsewhere.
  [[nodiscard]] std::size_t pick(std::size_t below) { return random_() % below; }
  [[nodiscard]] std::size_t between(std::size_t first, std::size_t last) {
    return first + pick(last - first + 1);
  }
  [[nodiscard]] bool percent(std::size_t share) { return pick(100) < share; }
  [[nodiscard]] std::string bytes(std::size_t count) {
    std::string result(count, '\0');
    for (char& byte : result) {
      byte = static_cast<char>(pick(256));
    }
    return result;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace peerpool::simulation
