// Decides which system call fails how. The calls themselves are in *_calls.cc: functions of this
// program with the names of the C library's, which the linker takes first, so that the product
// needs no seam. One thread only.

#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

namespace peerpool::faults {

/// In place of an errno: the call does only a part of its work.
inline constexpr int kShort = -1;

/// The one of the process.
class Injector {
 public:
  [[nodiscard]] static Injector& instance();

  /// From now on calls count; the `nth` (from 1) fails in the way number `choice` of its kind.
  void plan(std::size_t nth, std::size_t choice);
  /// Calls count only in between; nests.
  void arm() noexcept { ++armed_; }
  void disarm() noexcept { --armed_; }

  /// No call counts any more until the next plan().
  void rest() noexcept { resting_ = true; }

  /// For the calls: what to do this time; 0: its work.
  [[nodiscard]] int next(const char* call, std::initializer_list<int> ways);

  [[nodiscard]] std::size_t calls() const noexcept { return calls_; }
  /// The planned call has come, whether or not it had so many ways to fail.
  [[nodiscard]] bool reached() const noexcept { return calls_ >= nth_; }
  [[nodiscard]] bool fired() const noexcept { return fired_; }
  /// "recv ECONNRESET", for messages.
  [[nodiscard]] const std::string& what() const noexcept { return what_; }

 private:
  int armed_ = 0;
  bool resting_ = true;
  std::size_t nth_ = 0;
  std::size_t choice_ = 0;
  std::size_t calls_ = 0;
  bool fired_ = false;
  std::string what_;
};

/// Calls count while it lives.
class Armed {
 public:
  Armed() { Injector::instance().arm(); }
  ~Armed() { Injector::instance().disarm(); }
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
};

/// Runs `scenario(nth, choice)` with every call failing in every way, one at a time, until a run
/// has no call left that could fail. Returns how many faults there were.
template <typename Scenario>
std::size_t forEachFault(const Scenario& scenario) {
  Injector& injector = Injector::instance();
  std::size_t faults = 0;
  for (std::size_t nth = 1;; ++nth) {
    for (std::size_t choice = 0;; ++choice) {
      injector.plan(nth, choice);
      scenario();
      if (!injector.reached()) {
        return faults;
      }
      if (!injector.fired()) {
        break;
      }
      ++faults;
    }
  }
}

}  // namespace peerpool::faults
