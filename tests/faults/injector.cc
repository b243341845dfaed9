#include "tests/faults/injector.h"

#include <cstring>

namespace peerpool::faults {

Injector& Injector::instance() {
  static Injector injector;
  return injector;
}

void Injector::plan(std::size_t nth, std::size_t choice) {
  nth_ = nth;
  choice_ = choice;
  calls_ = 0;
  fired_ = false;
  resting_ = false;
  what_.clear();
}

int Injector::next(const char* call, std::initializer_list<int> ways) {
  if (armed_ <= 0 || resting_ || ++calls_ != nth_ || choice_ >= ways.size()) {
    return 0;
  }
  fired_ = true;
  const int way = ways.begin()[choice_];
  what_ = std::string(call) + ' ' + (way == kShort ? "short" : ::strerrorname_np(way));
  return way;
}

}  // namespace peerpool::faults
