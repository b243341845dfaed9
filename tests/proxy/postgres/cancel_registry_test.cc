// Keys that find their session, and guesses that are counted.

#include "proxy/postgres/cancel_registry.h"

#include <catch2/catch.hpp>

using namespace peerpool;
using postgres::CancelGuesses;
using postgres::CancelKey;
using postgres::CancelRegistry;

TEST_CASE("a cancel key finds its client until it is removed") {
  const std::size_t length = GENERATE(as<std::size_t>{}, 4, 32);
  CancelRegistry registry;
  const CancelKey one = registry.add(ClientId{1}, length);
  const CancelKey two = registry.add(ClientId{2}, length);
  CHECK(one.key.size() == length);
  CHECK(one.key != two.key);
  CHECK(registry.find(one.pid, one.key) == ClientId{1});
  CHECK(registry.find(two.pid, two.key) == ClientId{2});
  CHECK_FALSE(registry.find(one.pid, {}));
  CHECK_FALSE(registry.find(one.pid, one.key + '\0'));
  CHECK_FALSE(registry.find(one.pid, one.key.substr(1)));
  CHECK_FALSE(registry.find(one.pid, one.key.substr(0, one.key.size() - 1)));
  CHECK_FALSE(registry.find(one.pid, one.key.substr(0, 4) + std::string(32, '\0')));
  CHECK_FALSE(registry.find(one.pid, std::string(256, one.key[0])));
  CHECK_FALSE(registry.find(0, one.key));
  std::string wrong = one.key;
  wrong[0] = static_cast<char>(wrong[0] ^ 1);
  CHECK_FALSE(registry.find(one.pid, wrong));
  registry.remove(one.pid);
  CHECK_FALSE(registry.find(one.pid, one.key));
  CHECK(registry.size() == 1);
}

TEST_CASE("clients whose numbers end alike have different cancel keys") {
  CancelRegistry registry;
  const std::uint64_t wrap = std::uint64_t{1} << 31;
  const CancelKey one = registry.add(ClientId{7}, 4);
  const CancelKey two = registry.add(ClientId{wrap + 7}, 32);
  const CancelKey zero = registry.add(ClientId{wrap}, 4);
  CHECK(one.pid == 7);
  CHECK(two.pid == 8);
  CHECK(zero.pid != 0);
  CHECK(registry.find(two.pid, two.key) == ClientId{wrap + 7});
}

TEST_CASE("who guesses cancel keys is heard some times in each window") {
  CancelGuesses guesses;
  TimePoint now{};
  for (std::size_t i = 0; i < CancelGuesses::kMost; ++i) {
    CHECK(guesses.hears(1, now));
    guesses.wrong(1, now);
  }
  CHECK_FALSE(guesses.hears(1, now));
  CHECK(guesses.hears(2, now));
  now += CancelGuesses::kWindow;
  CHECK(guesses.hears(1, now));
  guesses.wrong(1, now);
  CHECK(guesses.hears(1, now));
}

TEST_CASE("guessers beyond those that can be remembered are not heard until a window ends") {
  CancelGuesses guesses;
  TimePoint now{};
  for (std::uint32_t uid = 0; uid < CancelGuesses::kMaxUids; ++uid) {
    guesses.wrong(uid, now);
  }
  CHECK_FALSE(guesses.hears(100'000, now));
  CHECK(guesses.hears(5, now));
  CHECK(guesses.hears(100'000, now + CancelGuesses::kWindow));
}
