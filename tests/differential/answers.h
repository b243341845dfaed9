// Comparing what a server sent: what is masked because it changes from run to run, and messages in
// readable form.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/raw_client.h"

namespace peerpool::differential {

/// Messages in the order they came. How the stream ended is a last message of type kEndOfStream.
using Answers = std::vector<testing::RawMessage>;

inline constexpr char kEndOfStream = '\0';

/// Replaces what may differ between two runs of the same dialogue, and nothing else:
///   BackendKeyData        the process id and the secret are invented for each session
///   NotificationResponse  the process id of who notified
///   RowDescription, ParameterDescription
///                         OIDs of tables and types that the dialogue made (16384 and above) become
///                         their number in the order in which they first appear
///   ErrorResponse         the line of PostgreSQL's source, where the error is about a prepared
///                         statement's name (26000, 42P05): it depends on the version, and an
///                         answer of the proxy's own can't know it
class Masks {
 public:
  [[nodiscard]] testing::RawMessage mask(testing::RawMessage message);

 private:
  void maskOid(std::string& body, std::size_t offset);
  void maskRow(std::string& body);
  void maskParameters(std::string& body);

  std::map<std::uint32_t, std::uint32_t> oids_;
};

/// Masked, and the ParameterStatus messages of the startup (all up to the first ReadyForQuery) by
/// name: their order is not promised.
[[nodiscard]] Answers comparable(const Answers& answers);

/// One line: the type's name and its content; what is long is shown around byte `focus` of the
/// body.
[[nodiscard]] std::string readable(const testing::RawMessage& message, std::size_t focus = 0);

/// Empty when both are equal; else the first difference with both sides and what came before it.
[[nodiscard]] std::string firstDifference(const Answers& direct, const Answers& through);

}  // namespace peerpool::differential
