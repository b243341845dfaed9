// Appends complete messages to a string. No descriptor, no state.
//
// A zero byte ends a string on the wire, so text with one inside would become two fields. Where the
// text has a meaning (names, values, SQL) the message is refused: nothing is appended and the
// result is false. Where it is for people (reports) it is cut.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proxy/base/bytes.h"
#include "proxy/postgres/wire/messages.h"
#include "proxy/postgres/wire/protocol.h"
#include "proxy/postgres/wire/startup.h"

namespace peerpool::postgres::wire {

// Towards clients.

/// Most bytes of one text of a report; longer ones are cut between UTF-8 characters. libpq refuses
/// more than 30 000 bytes in all during login.
inline constexpr std::size_t kMaxReportText = 8'000;

void appendAuthenticationOk(std::string& out);
[[nodiscard]] bool appendParameterStatus(std::string& out, std::string_view name,
                                         std::string_view value);
/// `key`: kMinCancelKey to kMaxCancelKey bytes (a promise of the caller).
void appendBackendKeyData(std::string& out, std::uint32_t pid, ByteView key);
void appendReadyForQuery(std::string& out, TransactionStatus status);
/// An empty shown_severity is taken from severity; empty detail and hint are left out. A sqlstate
/// that is not five of [0-9A-Z] goes out as XX000.
void appendErrorResponse(std::string& out, const Report& report);
void appendNoticeResponse(std::string& out, const Report& report);
[[nodiscard]] bool appendNegotiateProtocolVersion(std::string& out, const Negotiation& negotiation);

// Towards servers.

/// Refused too: an empty name, and more than kMaxStartupBody in all.
[[nodiscard]] bool appendStartupMessage(std::string& out, std::uint32_t version,
                                        std::span<const Parameter> parameters);
/// `key`: kMinCancelKey to kMaxCancelKey bytes (a promise of the caller).
void appendCancelRequest(std::string& out, std::uint32_t pid, ByteView key);
[[nodiscard]] bool appendSaslInitialResponse(std::string& out, std::string_view mechanism,
                                             std::string_view data);
[[nodiscard]] bool appendSaslResponse(std::string& out, std::string_view data);
[[nodiscard]] bool appendQuery(std::string& out, std::string_view sql);
void appendSync(std::string& out);
void appendTerminate(std::string& out);
/// `reason` comes back in the backend's error; cut as a report is.
void appendCopyFail(std::string& out, std::string_view reason);

}  // namespace peerpool::postgres::wire
