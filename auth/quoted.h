// Text of a peer as part of a sentence for people.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peerpool::auth {

/// `text` in double quotes, at most 80 bytes of it; quotes, backslashes and all that is not
/// printable ASCII become \xHH, so that a name can neither end the quotation nor steer a terminal.
[[nodiscard]] std::string quoted(std::string_view text);

/// "a, b, c".
[[nodiscard]] std::string joined(const std::vector<std::string>& items);

}  // namespace peerpool::auth
