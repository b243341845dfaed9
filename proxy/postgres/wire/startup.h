// The first packet of a client: it has no type byte, and says what the connection is for.
//
// Bytes in, values out. Which parameters, roles and databases are allowed is not decided here.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/bytes.h"
#include "proxy/base/result.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres::wire {

struct Parameter {
  std::string name;
  std::string value;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// Do both names mean one parameter? PostgreSQL compares names of settings without ASCII case, but
/// `user`, `database`, `options` and `replication` exactly ("USER" is an unknown setting).
[[nodiscard]] bool sameParameter(std::string_view one, std::string_view other) noexcept;

/// A StartupMessage of major version 3. Of a parameter that comes twice the last value counts, as
/// in PostgreSQL, at the place of the first.
struct StartupMessage {
  std::uint16_t major = 3;
  std::uint16_t minor = 0;
  std::vector<Parameter> parameters;        ///< In their order, with user, database and options.
  std::vector<Parameter> protocol_options;  ///< Those whose name begins with `_pq_.`.

  /// The value of `name`, which is lower case; empty when absent. An empty `user` and none at all
  /// are one case, which PostgreSQL refuses with 28000.
  [[nodiscard]] std::string_view value(std::string_view name) const noexcept;
  [[nodiscard]] bool has(std::string_view name) const noexcept;
};

struct CancelRequest {
  std::uint32_t pid = 0;
  std::string key;  ///< kMinCancelKey to kMaxCancelKey bytes. A secret.
};

/// Why a first packet is refused.
struct StartupFailure {
  enum class Reason {
    Length,       ///< The length field is impossible for what it is. 08P01.
    Layout,       ///< A value or the terminator is missing. 08P01.
    Unsupported,  ///< A protocol version that is not 3.x. 0A000.
  };
  Reason reason = Reason::Length;
  std::string_view sqlstate;
  std::string message;  ///< For the client and the log; holds no byte of the packet but numbers.
};

/// One step. Only the member that belongs to `step` is meaningful.
struct StartupResult {
  enum class Step { NeedMore, SslRequest, GssEncRequest, CancelRequest, Startup, Failed };
  Step step = Step::NeedMore;
  std::size_t consumed = 0;  ///< Bytes of the packet; 0 for NeedMore and Failed.
  StartupMessage startup;
  CancelRequest cancel;
  StartupFailure failure;
};

/// Looks at the front of `input`, which must begin with the packet each time: there is no state
/// between calls. Fails as early as the bytes prove it, so that at most kMaxStartupBody + 4 are
/// ever awaited.
///
/// Bytes behind an SSLRequest or GSSENCRequest are left for the caller to refuse: they were sent
/// before the answer (CVE-2021-3935 class).
[[nodiscard]] StartupResult readStartup(ByteView input);

/// The settings in the value of `options`: "-c name=value", "-cname=value" and "--name=value",
/// split at white space, where a backslash makes the next character literal. Dashes in names become
/// underscores, as in PostgreSQL. Any other argument is an error (Protocol, sqlstate 42601) that
/// names it.
[[nodiscard]] Result<std::vector<Parameter>> parseOptions(std::string_view options);

/// What NegotiateProtocolVersion has to say.
struct Negotiation {
  /// spokenVersion(). Not only the minor number that the manual seems to ask for, but major << 16 |
  /// minor: PostgreSQL (15 observed: 196608) sends that, and libpq 18 compares it with that.
  std::uint32_t newest_version = kProtocol30;
  std::vector<std::string> unsupported_options;  ///< Names with their `_pq_.`, in their order.
};

/// The version in which that client is served: what it asks for, 3.2 at most. PostgreSQL 18 takes
/// 3.1, which was never a version, for one: it lets it stand, and gives it the key of 3.0
/// (backend_startup.c, FrontendProtocol).
[[nodiscard]] std::uint32_t spokenVersion(const StartupMessage& startup) noexcept;

/// How many bytes PostgreSQL's cancel keys have in `version`.
[[nodiscard]] std::size_t cancelKeyLength(std::uint32_t version) noexcept;

/// Must a server that speaks 3.2 and knows no protocol options send NegotiateProtocolVersion? It
/// goes out once, before any Authentication message; nullopt: send nothing. With options it names
/// the version asked for when that is spoken here, as PostgreSQL 18 does: libpq takes a higher one
/// for a mistake.
[[nodiscard]] std::optional<Negotiation> negotiate(const StartupMessage& startup);

}  // namespace peerpool::postgres::wire
