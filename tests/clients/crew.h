// Eight clients of a C++ library that work at the same time and meet; not a program by itself.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace crew {

constexpr int kClients = 8;
constexpr int kRounds = 20;

/// The name that comes back as it went, whatever happens to its bytes on the way.
inline std::string nameOf(int n) { return "nä'me " + std::to_string(n) + " ☃"; }

/// Runs work(n) for each n of the crew in a thread of its own, and counts what they check.
class Crew {
 public:
  /// Counts a comparison; throws when the two differ (an answer of somebody else, mostly).
  template <typename Got, typename Expected>
  void check(const Got& got, const Expected& expected) {
    ++checks_;
    if (!(got == expected)) {
      std::ostringstream text;
      text << "got " << got << ", expected " << expected;
      throw std::logic_error(text.str());
    }
  }

  /// Counts that `action` throws an `Error`, and returns a copy of that.
  template <typename Error, typename Action>
  Error fails(Action action) {
    try {
      action();
    } catch (const Error& error) {
      ++checks_;
      return error;
    }
    throw std::logic_error("no error");
  }

  /// Waits for all clients, so that each has prepared its statements, and idles.
  void meet() {
    std::unique_lock<std::mutex> lock(mutex_);
    const int turn = arrived_ / kClients;
    ++arrived_;
    all_.notify_all();
    all_.wait(lock, [&] { return arrived_ / kClients != turn; });
  }

  /// Any failure ends the whole program.
  int run(const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    for (int n = 0; n < kClients; ++n) {
      threads.emplace_back([&work, n] {
        try {
          work(n);
        } catch (const std::exception& error) {
          std::cerr << "client " << n << ": " << error.what() << std::endl;
          std::_Exit(1);
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    std::cout << checks_ << " checks\nall well" << std::endl;
    return 0;
  }

 private:
  std::atomic<int> checks_{0};
  std::mutex mutex_;
  std::condition_variable all_;
  int arrived_ = 0;
};

}  // namespace crew
