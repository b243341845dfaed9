// The C library's function behind one of ours.

#pragma once

#include <dlfcn.h>

#include <cerrno>
#include <initializer_list>

#include "tests/faults/injector.h"

namespace peerpool::faults {

/// `Function`: its type. Looked up each time: calls are few, and a sanitizer may stand in between.
template <typename Function>
[[nodiscard]] Function* realCall(const char* name) noexcept {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// True, with errno set, when the call is to fail.
[[nodiscard]] inline bool fails(const char* call, std::initializer_list<int> ways) {
  const int way = Injector::instance().next(call, ways);
  if (way > 0) {
    errno = way;
  }
  return way > 0;
}

/// A made-up EAGAIN of a send on `fd`: a real one is followed by an event as soon as there is room.
void oweWritable(int fd);

}  // namespace peerpool::faults
