// Complete messages, appended; see message_writer.h.

#include "proxy/postgres/wire/message_writer.h"

#include <limits>
#include <string>

#include "proxy/base/check.h"

namespace peerpool::postgres::wire {
namespace {

/// Bodies stay far enough below 2^31 for no length field to overflow.
constexpr std::size_t kMaxBody = std::size_t{std::numeric_limits<std::int32_t>::max()} - 64;

bool plain(std::string_view text) noexcept { return text.find('\0') == std::string_view::npos; }

void appendText(std::string& out, std::string_view text) {
  out.append(text);
  out.push_back('\0');
}

/// Type and length; `body` bytes must follow.
void appendHeader(std::string& out, char type, std::size_t body) {
  check(body <= kMaxBody, "message body longer than an int32 can say");
  out.push_back(type);
  appendUint32(out, static_cast<std::uint32_t>(body + 4));
}

/// What is left of `text` for people: up to a zero byte, not above the limit, no half character.
std::string_view cut(std::string_view text) noexcept {
  text = text.substr(0, text.find('\0'));
  if (text.size() <= kMaxReportText) {
    return text;
  }
  std::size_t end = kMaxReportText;
  // A UTF-8 character has at most three continuation bytes; other encodings are cut where they are.
  for (int i = 0; i < 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80; ++i) {
    --end;
  }
  return text.substr(0, end);
}

void appendField(std::string& body, char code, std::string_view text) {
  body.push_back(code);
  appendText(body, cut(text));
}

void appendReport(std::string& out, char type, const Report& report) {
  std::string body;
  appendField(body, 'S', report.shown_severity.empty() ? report.severity : report.shown_severity);
  appendField(body, 'V', report.severity);
  appendField(body, 'C', isSqlstate(report.sqlstate) ? report.sqlstate : "XX000");
  appendField(body, 'M', report.message);
  if (!report.detail.empty()) {
    appendField(body, 'D', report.detail);
  }
  if (!report.hint.empty()) {
    appendField(body, 'H', report.hint);
  }
  body.push_back('\0');
  appendHeader(out, type, body.size());
  out.append(body);
}

void checkKey(ByteView key) noexcept {
  check(key.size() >= kMinCancelKey && key.size() <= kMaxCancelKey,
        "cancel key of impossible size");
}

}  // namespace

void appendAuthenticationOk(std::string& out) {
  appendHeader(out, backend::kAuthentication, 4);
  appendUint32(out, static_cast<std::uint32_t>(AuthenticationCode::Ok));
}

bool appendParameterStatus(std::string& out, std::string_view name, std::string_view value) {
  constexpr std::size_t kMostText = kMaxBody - 2;
  if (name.empty() || !plain(name) || !plain(value) || name.size() > kMostText ||
      value.size() > kMostText - name.size()) {
    return false;
  }
  appendHeader(out, backend::kParameterStatus, name.size() + value.size() + 2);
  appendText(out, name);
  appendText(out, value);
  return true;
}

void appendBackendKeyData(std::string& out, std::uint32_t pid, ByteView key) {
  checkKey(key);
  appendHeader(out, backend::kBackendKeyData, 4 + key.size());
  appendUint32(out, pid);
  out.append(asText(key));
}

void appendReadyForQuery(std::string& out, TransactionStatus status) {
  appendHeader(out, backend::kReadyForQuery, 1);
  out.push_back(static_cast<char>(status));
}

void appendErrorResponse(std::string& out, const Report& report) {
  appendReport(out, backend::kErrorResponse, report);
}

void appendNoticeResponse(std::string& out, const Report& report) {
  appendReport(out, backend::kNoticeResponse, report);
}

bool appendNegotiateProtocolVersion(std::string& out, const Negotiation& negotiation) {
  std::string body;
  appendUint32(body, negotiation.newest_version);
  appendUint32(body, static_cast<std::uint32_t>(negotiation.unsupported_options.size()));
  for (const std::string& option : negotiation.unsupported_options) {
    if (!plain(option) || option.size() > kMaxStartupBody ||
        body.size() > kMaxBody - kMaxStartupBody) {
      return false;
    }
    appendText(body, option);
  }
  appendHeader(out, backend::kNegotiateProtocolVersion, body.size());
  out.append(body);
  return true;
}

bool appendStartupMessage(std::string& out, std::uint32_t version,
                          std::span<const Parameter> parameters) {
  std::string body;
  appendUint32(body, version);
  for (const Parameter& parameter : parameters) {
    if (parameter.name.empty() || !plain(parameter.name) || !plain(parameter.value) ||
        parameter.name.size() > kMaxStartupBody || parameter.value.size() > kMaxStartupBody) {
      return false;
    }
    appendText(body, parameter.name);
    appendText(body, parameter.value);
    if (body.size() >= kMaxStartupBody) {
      return false;
    }
  }
  body.push_back('\0');
  appendUint32(out, static_cast<std::uint32_t>(body.size() + 4));
  out.append(body);
  return true;
}

void appendCancelRequest(std::string& out, std::uint32_t pid, ByteView key) {
  checkKey(key);
  appendUint32(out, static_cast<std::uint32_t>(12 + key.size()));
  appendUint32(out, kCancelRequestCode);
  appendUint32(out, pid);
  out.append(asText(key));
}

bool appendSaslInitialResponse(std::string& out, std::string_view mechanism,
                               std::string_view data) {
  if (mechanism.empty() || !plain(mechanism) || mechanism.size() > kMaxStartupBody ||
      data.size() > kMaxBody - kMaxStartupBody - 5) {
    return false;
  }
  appendHeader(out, frontend::kPassword, mechanism.size() + 1 + 4 + data.size());
  appendText(out, mechanism);
  appendUint32(out, static_cast<std::uint32_t>(data.size()));
  out.append(data);
  return true;
}

bool appendSaslResponse(std::string& out, std::string_view data) {
  if (data.size() > kMaxBody) {
    return false;
  }
  appendHeader(out, frontend::kPassword, data.size());
  out.append(data);
  return true;
}

bool appendQuery(std::string& out, std::string_view sql) {
  if (!plain(sql) || sql.size() >= kMaxBody) {
    return false;
  }
  appendHeader(out, frontend::kQuery, sql.size() + 1);
  appendText(out, sql);
  return true;
}

void appendSync(std::string& out) { appendHeader(out, frontend::kSync, 0); }

void appendTerminate(std::string& out) { appendHeader(out, frontend::kTerminate, 0); }

void appendCopyFail(std::string& out, std::string_view reason) {
  const std::string_view text = cut(reason);
  appendHeader(out, frontend::kCopyFail, text.size() + 1);
  appendText(out, text);
}

}  // namespace peerpool::postgres::wire
