// UniqueFd: who closes, and when.

#include "proxy/base/unique_fd.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <utility>

namespace peerpool {
namespace {

int opened() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool isOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST_CASE("a descriptor is closed with its owner") {
  int number = -1;
  {
    const UniqueFd fd(opened());
    REQUIRE(fd);
    number = fd.get();
    CHECK(isOpen(number));
  }
  CHECK_FALSE(isOpen(number));
}

TEST_CASE("moving a descriptor leaves one owner") {
  UniqueFd first(opened());
  const int number = first.get();
  UniqueFd second(std::move(first));
  CHECK(second.get() == number);
  UniqueFd third(opened());
  const int replaced = third.get();
  third = std::move(second);
  CHECK(third.get() == number);
  CHECK(isOpen(number));
  CHECK_FALSE(isOpen(replaced));
}

TEST_CASE("a released descriptor stays open and a reset one does not") {
  UniqueFd fd(opened());
  const int number = fd.release();
  CHECK_FALSE(fd.valid());
  CHECK(isOpen(number));
  fd.reset(number);
  fd.reset(number);  // The same again: nothing is closed.
  CHECK(isOpen(number));
  fd.reset();
  CHECK_FALSE(isOpen(number));
  CHECK(fd.get() == -1);
}

}  // namespace
}  // namespace peerpool
