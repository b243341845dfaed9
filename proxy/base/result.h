// A value or an Error. Has the shape of std::expected, which C++20 lacks, so that it can be
// swapped.

#pragma once

#include <utility>
#include <variant>

#include "proxy/base/check.h"
#include "proxy/base/error.h"

namespace peerpool {

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// Only with a value.
  [[nodiscard]] T& value() & {
    check(has_value(), "Result::value() of an error");
    return std::get<0>(content_);
  }
  [[nodiscard]] const T& value() const& {
    check(has_value(), "Result::value() of an error");
    return std::get<0>(content_);
  }
  [[nodiscard]] T&& value() && {
    check(has_value(), "Result::value() of an error");
    return std::get<0>(std::move(content_));
  }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  /// Only without a value.
  [[nodiscard]] const Error& error() const {
    check(!has_value(), "Result::error() of a value");
    return std::get<1>(content_);
  }

 private:
  std::variant<T, Error> content_;
};

}  // namespace peerpool
