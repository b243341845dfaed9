// What one client says, and when it waits for which answer: a script or a transcript, read from its
// file. Knows no socket.

#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace peerpool::differential {

/// Waits for the end of the stream instead of a message.
inline constexpr char kClosed = '$';

/// Bytes that are sent together, and what is read then.
struct Step {
  std::string send;
  char until = '\0';      ///< Type of the message that is read up to; kClosed, or '\0' for nothing.
  std::size_t count = 1;  ///< How many of those.
  /// What is sent in answer to each CopyInResponse, in order; when there is none left, CopyFail.
  std::vector<std::string> copies = {};
  bool answers_copies = false;  ///< A script does; a transcript says all of it itself.
};

struct Dialogue {
  std::string name;                                               ///< The file, below its folder.
  std::vector<std::pair<std::string, std::string>> startup = {};  ///< Beside user and database.
  std::vector<Step> steps = {};
};

/// A script: SQL, sent as simple queries. Directives, each on a line of its own:
///   -- @query              the next query begins
///   -- @copy               lines up to the next directive are the data of one COPY FROM STDIN
///   -- @copyfail TEXT      the same, but ended by CopyFail
///   -- @startup NAME VALUE  a startup parameter
/// Throws std::runtime_error for a directive that it does not know.
[[nodiscard]] Dialogue readScript(const std::string& name, const std::string& text);

/// A transcript: one message of the client in each line, `#` begins a comment. Texts are in double
/// quotes with the escapes \n \t \" \\ \xNN, `+` joins two, `* N` repeats one; NULL is no text;
/// lists are in brackets.
///   Parse NAME QUERY [OIDS]             Bind PORTAL STATEMENT [TEXTS] [FORMATS] [RESULT FORMATS]
///   Describe S|P NAME                   Close S|P NAME          Execute PORTAL ROWS
///   Sync  Flush  CopyDone  Terminate    Query TEXT  CopyData TEXT  CopyFail TEXT
///   FunctionCall OID [FORMATS] [TEXTS] FORMAT
///   Message TYPE BODY                   any message
///   Startup NAME VALUE                  a startup parameter
///   Send                                what is above is sent, before what is below
///   Wait TYPE COUNT                     the same, and read until COUNT (1) messages of TYPE came
///   Wait Closed                         the same, and read until the server closed
/// Throws std::runtime_error with the line for what it does not understand.
[[nodiscard]] Dialogue readTranscript(const std::string& name, const std::string& text);

/// All files of `folder` below tests/differential whose name contains PEERPOOL_DIFFERENTIAL (when
/// that is set), read by `read`, by name.
[[nodiscard]] std::vector<Dialogue> readAll(const std::string& folder,
                                            Dialogue (*read)(const std::string&,
                                                             const std::string&));

}  // namespace peerpool::differential
