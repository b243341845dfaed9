// Kleene logic: all 3 and 9 rows of the tables.

#include "auth/truth.h"

#include <catch2/catch.hpp>

namespace peerpool::auth {
namespace {

constexpr Truth N = Truth::No;
constexpr Truth U = Truth::Unknown;
constexpr Truth Y = Truth::Yes;

TEST_CASE("not keeps unknown unknown") {
  CHECK(negate(N) == Y);
  CHECK(negate(U) == U);
  CHECK(negate(Y) == N);
}

TEST_CASE("and and or follow Kleene's tables") {
  struct Row {
    Truth left, right, with_and, with_or;
  };
  const Row rows[] = {{N, N, N, N}, {N, U, N, U}, {N, Y, N, Y}, {U, N, N, U}, {U, U, U, U},
                      {U, Y, U, Y}, {Y, N, N, Y}, {Y, U, U, Y}, {Y, Y, Y, Y}};
  for (const Row& row : rows) {
    CAPTURE(int(row.left), int(row.right));
    CHECK(both(row.left, row.right) == row.with_and);
    CHECK(either(row.left, row.right) == row.with_or);
    // De Morgan holds in Kleene's logic too.
    CHECK(negate(both(row.left, row.right)) == either(negate(row.left), negate(row.right)));
  }
}

TEST_CASE("a known value is never unknown") {
  CHECK(truthOf(true) == Y);
  CHECK(truthOf(false) == N);
}

}  // namespace
}  // namespace peerpool::auth
