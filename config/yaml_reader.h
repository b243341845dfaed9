// YAML text to a plain tree, or to mistakes. The part of YAML in which one text can mean two things
// is refused: anchors, aliases, merge keys, tags, duplicate keys, several documents. What the keys
// mean is not known here. No type of yaml-cpp leaves this unit.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/model.h"

namespace peerpool::config {

/// Limits for one file. Real ones are far below; a hostile one must not eat the process.
inline constexpr std::size_t kMaxFileSize = 4U << 20U;  // Bytes.
inline constexpr std::size_t kMaxDepth = 16;            // Lists and maps inside each other.
inline constexpr std::size_t kMaxNodes = 200'000;       // Values, lists, maps.

/// One value and, as a child of a map, its key.
struct YamlNode {
  enum class Kind {
    Null,    ///< Nothing, `~` or `null`.
    Plain,   ///< Text without quotes; numbers and true and false are such text.
    Quoted,  ///< Text in quotes, or a block of text.
    List,
    Map,
    Refused,  ///< Was reported here already, as an alias: nobody should complain again.
  };
  Kind kind = Kind::Null;
  std::string text;                ///< Of Plain and Quoted: valid UTF-8 without control characters.
  std::vector<YamlNode> children;  ///< Of List and Map; a map's keys are unique.
  Location where;
  std::string key;
  Location key_where;
};

/// Reads one document. Mistakes go to `out` under `file`; no value: there is no tree worth a look.
[[nodiscard]] std::optional<YamlNode> readYaml(std::string_view text, const std::string& file,
                                               Diagnostics& out);

/// The path of a child: "listeners" and "pg" to "listeners.pg". A key that is no plain word is
/// quoted: directories."/run/peerpool".
[[nodiscard]] std::string childPath(const std::string& parent, std::string_view key);
[[nodiscard]] std::string childPath(const std::string& parent, std::size_t index);

}  // namespace peerpool::config
