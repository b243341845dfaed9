// Result<T>: the value, the error, and moving out of it.

#include "proxy/base/result.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

namespace peerpool {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) {
    return Error{ErrorCode::Protocol, "odd"};
  }
  return number / 2;
}

TEST_CASE("a result holds a value or an error") {
  const Result<int> good = half(8);
  REQUIRE(good);
  CHECK(good.has_value());
  CHECK(*good == 4);
  const Result<int> bad = half(7);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == ErrorCode::Protocol);
  CHECK(bad.error().text == "odd");
  CHECK(bad.error().sqlstate.empty());
}

TEST_CASE("a result gives away what cannot be copied") {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = std::move(result).value();
  CHECK(*taken == 5);
}

TEST_CASE("a result of the error's own kind of value keeps them apart") {
  Result<std::string> result(std::string("text"));
  result->append("!");
  CHECK(*result == "text!");
}

}  // namespace
}  // namespace peerpool
