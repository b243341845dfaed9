// The flusher that sends a whole turn with one io_uring_enter. Not a general use of io_uring: every
// request completes inside the submission, so nothing is ever in flight between two flushes.

#pragma once

#include <cstddef>
#include <memory>

#include "proxy/event/flusher.h"

namespace peerpool::event {

/// Throws std::system_error when the kernel refuses io_uring, or when a real send over it does not
/// behave as the flusher relies on.
[[nodiscard]] std::unique_ptr<Flusher> makeUringFlusher(std::size_t batch_from);

}  // namespace peerpool::event
