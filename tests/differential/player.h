// One client that goes through a dialogue, and two that get in between.

#pragma once

#include <functional>
#include <string>

#include "tests/differential/answers.h"
#include "tests/differential/dialogue.h"

namespace peerpool::differential {

/// Connects to the socket file as app to database shop, calls `before` before each step, and leaves
/// with Terminate. Each step is sent in as many `pieces`. All that came, from the startup's answer
/// to the end of the stream.
[[nodiscard]] Answers play(const std::string& socket_path, const Dialogue& dialogue,
                           const std::function<void()>& before, std::size_t pieces = 1);

/// Two clients of a pool of two servers. One of them is in a transaction on the server that was
/// used last by whoever is watched, so that the next step of that one finds another server, on
/// which the other of the two was at work just before. None of them ever needs the watched one to
/// go on, nor waits for more than the end of its transaction.
class Others {
 public:
  explicit Others(const std::string& socket_path);

  /// They change places.
  void turn();
  /// Both come to rest. What was wrong with their own answers; empty when nothing.
  [[nodiscard]] std::string finish();

 private:
  struct Other {
    testing::RawClient client;
    std::string label;         ///< What each of its rows must show.
    std::size_t expected = 0;  ///< ReadyForQuery to come.
  };

  void say(Other& other, const std::string& bytes, std::size_t requests);
  void work(Other& other);
  void listen(Other& other);

  std::vector<Other> others_;
  std::size_t turns_ = 0;
  std::string complaint_;
};

}  // namespace peerpool::differential
