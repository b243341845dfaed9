// What a pooler that takes another's place must get right: helpers of the tests that are named
// after the rows of that list.

#pragma once

#include <string>

#include "tests/integration/scene.h"

namespace peerpool::testing {

/// One server for all, in transaction pooling unless `pools` says otherwise.
[[nodiscard]] SceneOptions oneServerFor(const std::string& pools = "");

/// A client of role app at database shop that speaks bytes.
class Talker {
 public:
  explicit Talker(const Scene& scene);
  /// Types of the answers up to `last`; of an error with its SQLSTATE, of a row with its only
  /// value.
  std::string ask(const std::string& bytes, char last = 'Z');
  [[nodiscard]] RawClient& raw() noexcept { return client_; }

 private:
  RawClient client_;
};

[[nodiscard]] std::string asQuery(const std::string& sql);
[[nodiscard]] std::string asParse(const std::string& name, const std::string& sql);
/// Of the portal without a name.
[[nodiscard]] std::string asBind(const std::string& name);
[[nodiscard]] std::string asExecute();
/// 'C'lose or 'D'escribe of a statement.
[[nodiscard]] std::string about(char type, const std::string& name);
[[nodiscard]] std::string asSync();

}  // namespace peerpool::testing
