// Bodies of messages, field by field; see messages.h.

#include "proxy/postgres/wire/messages.h"

#include <algorithm>

#include "proxy/postgres/wire/body_reader.h"

namespace peerpool::postgres::wire {
namespace {

constexpr std::size_t kMaxMechanisms = 16;

/// The place of the field `code` in a report, or null for a field that we do not keep.
std::string_view* fieldOf(Report& report, std::uint8_t code) noexcept {
  switch (code) {
    case 'S':
      return &report.shown_severity;
    case 'V':
      return &report.severity;
    case 'C':
      return &report.sqlstate;
    case 'M':
      return &report.message;
    case 'D':
      return &report.detail;
    case 'H':
      return &report.hint;
    default:
      return nullptr;
  }
}

std::optional<AuthenticationCode> knownCode(std::uint32_t number) noexcept {
  const auto code = static_cast<AuthenticationCode>(number);
  switch (code) {
    case AuthenticationCode::Ok:
    case AuthenticationCode::KerberosV5:
    case AuthenticationCode::CleartextPassword:
    case AuthenticationCode::Md5Password:
    case AuthenticationCode::Gss:
    case AuthenticationCode::GssContinue:
    case AuthenticationCode::Sspi:
    case AuthenticationCode::Sasl:
    case AuthenticationCode::SaslContinue:
    case AuthenticationCode::SaslFinal:
      return code;
  }
  return std::nullopt;
}

/// Names up to an empty one, which must be the last byte; at least one.
std::optional<std::vector<std::string_view>> takeMechanisms(BodyReader& reader) {
  std::vector<std::string_view> mechanisms;
  auto name = reader.takeText();
  while (name && !name->empty() && mechanisms.size() < kMaxMechanisms) {
    mechanisms.push_back(*name);
    name = reader.takeText();
  }
  if (!name || !name->empty() || mechanisms.empty() || !reader.atEnd()) {
    return std::nullopt;
  }
  return mechanisms;
}

}  // namespace

bool isSqlstate(std::string_view text) noexcept {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char character) {
           return (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z');
         });
}

std::optional<Report> parseReport(ByteView body) {
  BodyReader reader(body);
  Report report;
  while (true) {
    const auto code = reader.takeByte();
    if (!code) {
      return std::nullopt;
    }
    if (*code == 0) {
      break;
    }
    const auto text = reader.takeText();
    if (!text) {
      return std::nullopt;
    }
    std::string_view* field = fieldOf(report, *code);
    if (field != nullptr && field->data() == nullptr) {
      *field = *text;
    }
  }
  if (!reader.atEnd()) {
    return std::nullopt;
  }
  if (!isSqlstate(report.sqlstate)) {
    report.sqlstate = {};
  }
  return report;
}

std::optional<ParameterStatus> parseParameterStatus(ByteView body) {
  BodyReader reader(body);
  const auto name = reader.takeText();
  const auto value = reader.takeText();
  if (!name || name->empty() || !value || !reader.atEnd()) {
    return std::nullopt;
  }
  return ParameterStatus{.name = *name, .value = *value};
}

std::optional<BackendKeyData> parseBackendKeyData(ByteView body) {
  BodyReader reader(body);
  const auto pid = reader.takeUint32();
  const ByteView key = reader.rest();
  if (!pid || key.size() < kMinCancelKey || key.size() > kMaxCancelKey) {
    return std::nullopt;
  }
  return BackendKeyData{.pid = *pid, .key = key};
}

std::optional<NegotiatedVersion> parseNegotiateProtocolVersion(ByteView body) {
  BodyReader reader(body);
  const auto version = reader.takeUint32();
  const auto options = reader.takeUint32();
  if (!version || !options) {
    return std::nullopt;
  }
  for (std::uint32_t i = 0; i < *options; ++i) {
    if (!reader.takeText()) {
      return std::nullopt;  // Soon, whatever the number: each name takes a byte of the body.
    }
  }
  if (!reader.atEnd()) {
    return std::nullopt;
  }
  return NegotiatedVersion{.version = *version, .options = *options};
}

std::optional<TransactionStatus> parseReadyForQuery(ByteView body) {
  if (body.size() != 1) {
    return std::nullopt;
  }
  const auto status = static_cast<TransactionStatus>(body[0]);
  switch (status) {
    case TransactionStatus::Idle:
    case TransactionStatus::InTransaction:
    case TransactionStatus::Failed:
      return status;
  }
  return std::nullopt;
}

std::optional<AuthenticationRequest> parseAuthentication(ByteView body) {
  BodyReader reader(body);
  const auto number = reader.takeUint32();
  const auto code = number ? knownCode(*number) : std::nullopt;
  if (!code) {
    return std::nullopt;
  }
  AuthenticationRequest request;
  request.code = *code;
  if (*code == AuthenticationCode::Sasl) {
    auto mechanisms = takeMechanisms(reader);
    if (!mechanisms) {
      return std::nullopt;
    }
    request.mechanisms = *std::move(mechanisms);
    return request;
  }
  request.data = reader.rest();
  if (*code == AuthenticationCode::Ok && !request.data.empty()) {
    return std::nullopt;
  }
  return request;
}

std::optional<std::string_view> parseCommandComplete(ByteView body) {
  BodyReader reader(body);
  const auto tag = reader.takeText();
  if (!tag || tag->empty() || !reader.atEnd()) {
    return std::nullopt;
  }
  return tag;
}

std::string_view firstWord(std::string_view tag) noexcept { return tag.substr(0, tag.find(' ')); }

std::optional<bool> isNamed(ByteView body_front) noexcept {
  if (body_front.empty()) {
    return std::nullopt;
  }
  return body_front[0] != 0;
}

std::optional<ParseNames> parseParse(ByteView body) {
  BodyReader reader(body);
  const auto statement = reader.takeText();
  if (!statement || !reader.takeText()) {
    return std::nullopt;
  }
  return ParseNames{.statement = *statement};
}

std::optional<BindNames> parseBind(ByteView body) {
  BodyReader reader(body);
  const auto portal = reader.takeText();
  const auto statement = reader.takeText();
  if (!portal || !statement) {
    return std::nullopt;
  }
  return BindNames{.portal = *portal, .statement = *statement};
}

std::optional<Target> parseTarget(ByteView body) {
  BodyReader reader(body);
  const auto kind = reader.takeByte();
  const auto name = reader.takeText();
  if (!kind || (*kind != 'S' && *kind != 'P') || !name || !reader.atEnd()) {
    return std::nullopt;
  }
  return Target{.kind = static_cast<Target::Kind>(*kind), .name = *name};
}

std::optional<ExecutePortal> parseExecute(ByteView body) {
  BodyReader reader(body);
  const auto portal = reader.takeText();
  const auto max_rows = reader.takeUint32();
  if (!portal || !max_rows || !reader.atEnd()) {
    return std::nullopt;
  }
  return ExecutePortal{.portal = *portal, .max_rows = *max_rows};
}

}  // namespace peerpool::postgres::wire
