#include "proxy/base/check.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace peerpool {

void checkFailed(const char* message) noexcept {
  // Only async-signal-safe calls: the heap may be what is broken.
  constexpr char kPrefix[] = "peerpool: broken promise: ";
  [[maybe_unused]] ssize_t ignored = ::write(STDERR_FILENO, kPrefix, sizeof kPrefix - 1);
  ignored = ::write(STDERR_FILENO, message, std::strlen(message));
  ignored = ::write(STDERR_FILENO, "\n", 1);
  std::abort();
}

}  // namespace peerpool
