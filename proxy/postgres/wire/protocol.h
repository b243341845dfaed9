// The numbers and letters of PostgreSQL's frontend/backend protocol, named after the manual
// ("Message Formats"). Values only: nothing is parsed or written here.

#pragma once

#include <cstddef>
#include <cstdint>

namespace peerpool::postgres::wire {

/// Type bytes of messages that a client sends.
namespace frontend {
inline constexpr char kBind = 'B';
inline constexpr char kClose = 'C';
inline constexpr char kCopyData = 'd';
inline constexpr char kCopyDone = 'c';
inline constexpr char kCopyFail = 'f';
inline constexpr char kDescribe = 'D';
inline constexpr char kExecute = 'E';
inline constexpr char kFlush = 'H';
inline constexpr char kFunctionCall = 'F';
inline constexpr char kParse = 'P';
inline constexpr char kPassword = 'p';  ///< PasswordMessage, SASLInitialResponse, SASLResponse.
inline constexpr char kQuery = 'Q';
inline constexpr char kSync = 'S';
inline constexpr char kTerminate = 'X';
}  // namespace frontend

/// Type bytes of messages that a server sends.
namespace backend {
inline constexpr char kAuthentication = 'R';
inline constexpr char kBackendKeyData = 'K';
inline constexpr char kBindComplete = '2';
inline constexpr char kCloseComplete = '3';
inline constexpr char kCommandComplete = 'C';
inline constexpr char kCopyBothResponse = 'W';
inline constexpr char kCopyData = 'd';
inline constexpr char kCopyDone = 'c';
inline constexpr char kCopyInResponse = 'G';
inline constexpr char kCopyOutResponse = 'H';
inline constexpr char kDataRow = 'D';
inline constexpr char kEmptyQueryResponse = 'I';
inline constexpr char kErrorResponse = 'E';
inline constexpr char kFunctionCallResponse = 'V';
inline constexpr char kNegotiateProtocolVersion = 'v';
inline constexpr char kNoData = 'n';
inline constexpr char kNoticeResponse = 'N';
inline constexpr char kNotificationResponse = 'A';
inline constexpr char kParameterDescription = 't';
inline constexpr char kParameterStatus = 'S';
inline constexpr char kParseComplete = '1';
inline constexpr char kPortalSuspended = 's';
inline constexpr char kReadyForQuery = 'Z';
inline constexpr char kRowDescription = 'T';
}  // namespace backend

/// First number of a packet that has no type byte: major version << 16 | minor, or a request code.
inline constexpr std::uint32_t kProtocol30 = 196608;
inline constexpr std::uint32_t kProtocol32 = 196610;
inline constexpr std::uint32_t kCancelRequestCode = 80877102;
inline constexpr std::uint32_t kSslRequestCode = 80877103;
inline constexpr std::uint32_t kGssEncRequestCode = 80877104;

/// The one byte with which SSLRequest and GSSENCRequest are refused.
inline constexpr char kEncryptionRefused = 'N';

/// Most bytes after the length field of a startup packet, as in PostgreSQL.
inline constexpr std::uint32_t kMaxStartupBody = 10'000;
/// Type byte and length field.
inline constexpr std::size_t kHeaderSize = 5;
/// Bytes of a cancel key: 4 in protocol 3.0, up to 256 from 3.2 on.
inline constexpr std::size_t kMinCancelKey = 4;
inline constexpr std::size_t kMaxCancelKey = 256;
/// As long as PostgreSQL 18 makes them in protocol 3.2.
inline constexpr std::size_t kLongCancelKey = 32;

/// The byte of ReadyForQuery.
enum class TransactionStatus : char {
  Idle = 'I',           ///< Not in a transaction block.
  InTransaction = 'T',  ///< In a transaction block.
  Failed = 'E',         ///< In a failed block: everything is refused until it ends.
};

/// The number at the front of an Authentication message.
enum class AuthenticationCode : std::uint32_t {
  Ok = 0,
  KerberosV5 = 2,
  CleartextPassword = 3,
  Md5Password = 5,
  Gss = 7,
  GssContinue = 8,
  Sspi = 9,
  Sasl = 10,
  SaslContinue = 11,
  SaslFinal = 12,
};

}  // namespace peerpool::postgres::wire
