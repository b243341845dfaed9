// Reads the bodies of those messages that a relay must understand.
//
// A body is all after the length field, and complete unless said otherwise. Results are views of
// it. nullopt always means: malformed, close the connection. Both sides are taken to be hostile.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proxy/base/bytes.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres::wire {

/// The fields of ErrorResponse and NoticeResponse that we look at or write; a field that is absent
/// is empty. See the manual, "Error and Notice Message Fields".
struct Report {
  std::string_view shown_severity = {};  ///< S: may be translated.
  std::string_view severity = {};        ///< V: "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", ...
  std::string_view sqlstate = {};        ///< C: five of [0-9A-Z]; anything else reads as empty.
  std::string_view message = {};         ///< M
  std::string_view detail = {};          ///< D
  std::string_view hint = {};            ///< H
};

/// Five of [0-9A-Z]?
[[nodiscard]] bool isSqlstate(std::string_view text) noexcept;

/// Of a field that comes twice the first counts; unknown fields are skipped.
[[nodiscard]] std::optional<Report> parseReport(ByteView body);

struct ParameterStatus {
  std::string_view name;  ///< Never empty.
  std::string_view value;
};
[[nodiscard]] std::optional<ParameterStatus> parseParameterStatus(ByteView body);

struct BackendKeyData {
  std::uint32_t pid = 0;
  ByteView key;  ///< kMinCancelKey to kMaxCancelKey bytes. A secret.
};
[[nodiscard]] std::optional<BackendKeyData> parseBackendKeyData(ByteView body);

/// NegotiateProtocolVersion of a server.
struct NegotiatedVersion {
  std::uint32_t version = 0;  ///< Major << 16 | minor. Not checked.
  std::uint32_t options = 0;  ///< How many protocol options it does not know; their names follow.
};
[[nodiscard]] std::optional<NegotiatedVersion> parseNegotiateProtocolVersion(ByteView body);

[[nodiscard]] std::optional<TransactionStatus> parseReadyForQuery(ByteView body);

/// A request of a server that it wants to be answered, or Ok. The code is one of
/// AuthenticationCode: an unknown one is malformed.
struct AuthenticationRequest {
  AuthenticationCode code = AuthenticationCode::Ok;
  std::vector<std::string_view>
      mechanisms;  ///< Of Sasl: 1 to 16 names, the server's favourite first.
  ByteView data;   ///< Of all other codes: what follows the number.
};
[[nodiscard]] std::optional<AuthenticationRequest> parseAuthentication(ByteView body);

/// The tag, "SELECT 5" or "SET"; never empty.
[[nodiscard]] std::optional<std::string_view> parseCommandComplete(ByteView body);
/// The first word of a tag: "SELECT" of "SELECT 5".
[[nodiscard]] std::string_view firstWord(std::string_view tag) noexcept;

/// Does a body of Parse begin with a name? `body_front` may be any part of the body from its first
/// byte on, as a first fragment has it; nullopt when it holds no byte yet.
[[nodiscard]] std::optional<bool> isNamed(ByteView body_front) noexcept;

/// Parse; the query and its parameter types are not looked at.
struct ParseNames {
  std::string_view statement;  ///< Empty: the unnamed one.
};
[[nodiscard]] std::optional<ParseNames> parseParse(ByteView body);

/// Bind; formats and values are not looked at.
struct BindNames {
  std::string_view portal;
  std::string_view statement;
};
[[nodiscard]] std::optional<BindNames> parseBind(ByteView body);

/// Describe and Close.
struct Target {
  enum class Kind : char { Statement = 'S', Portal = 'P' };
  Kind kind = Kind::Statement;
  std::string_view name;
};
[[nodiscard]] std::optional<Target> parseTarget(ByteView body);

struct ExecutePortal {
  std::string_view portal;
  std::uint32_t max_rows = 0;  ///< 0: all.
};
[[nodiscard]] std::optional<ExecutePortal> parseExecute(ByteView body);

}  // namespace peerpool::postgres::wire
