// An Output that records its reports.

#pragma once

#include <functional>
#include <vector>

#include "proxy/event/output.h"

namespace peerpool::event {

class TestOutput final : public Output {
 public:
  using Output::Output;
  ~TestOutput() override = default;

  std::vector<int> reports;
  std::function<void(int)> on_flushed;

 private:
  void onFlushed(int error) override {
    reports.push_back(error);
    if (on_flushed) {
      on_flushed(error);
    }
  }
};

}  // namespace peerpool::event
