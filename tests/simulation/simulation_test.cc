// Runs many worlds. A broken one names its seed; PEERPOOL_SEED=N runs that one alone,
// PEERPOOL_SEEDS=N runs as many.

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/simulation/world.h"
#include "tests/support/temp_dir.h"

namespace peerpool::simulation {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no other thread is there
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

Tally runWorlds(std::uint64_t first, std::uint64_t last) {
  Tally tally;
  const testing::TempDir directory;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    CAPTURE(seed);
    try {
      World world(seed, directory / "backend", tally);
      world.run();
    } catch (const Broken& broken) {
      FAIL(broken.what());
    }
  }
  return tally;
}

void expectLively(const Tally& tally, std::uint64_t count) {
  // Dull runs prove nothing.
  CHECK(tally.welcomes > count);
  CHECK(tally.answers > 10 * count);
  CHECK(tally.errors > count);
  CHECK(tally.fatals > count / 2);
  CHECK(tally.deaths > count);
}

TEST_CASE("Whatever clients and servers do, the invariants hold", "[simulation]") {
  const std::uint64_t only = setting("PEERPOOL_SEED", 0);
  const std::uint64_t count = setting("PEERPOOL_SEEDS", 1000);
  const Tally tally = only != 0 ? runWorlds(only, only) : runWorlds(1, count);
  if (only == 0 && count >= 1000) {
    expectLively(tally, count);
  }
}

// Four parts, which run side by side.
TEST_CASE("Worlds 1 to 25 000", "[simulation][.long]") {
  expectLively(runWorlds(1, 25'000), 25'000);
}
TEST_CASE("Worlds 25 001 to 50 000", "[simulation][.long]") {
  expectLively(runWorlds(25'001, 50'000), 25'000);
}
TEST_CASE("Worlds 50 001 to 75 000", "[simulation][.long]") {
  expectLively(runWorlds(50'001, 75'000), 25'000);
}
TEST_CASE("Worlds 75 001 to 100 000", "[simulation][.long]") {
  expectLively(runWorlds(75'001, 100'000), 25'000);
}

}  // namespace
}  // namespace peerpool::simulation
