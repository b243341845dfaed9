// Every body parser on the same bytes: views stay inside, and what was read can be written.

#include <cstddef>
#include <cstdint>
#include <string>

#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/messages.h"

using namespace peerpool;
using namespace peerpool::postgres::wire;

namespace {

void checkInside(ByteView body, ByteView part) {
  check(part.empty() ||
            (part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size()),
        "a view outside its body");
}

void checkText(ByteView body, std::string_view text) {
  checkInside(body, asBytes(text));
  check(text.find('\0') == std::string_view::npos, "a zero byte in a text");
}

void checkReport(ByteView body) {
  const auto report = parseReport(body);
  if (!report) {
    return;
  }
  for (const std::string_view text : {report->shown_severity, report->severity, report->sqlstate,
                                      report->message, report->detail, report->hint}) {
    checkText(body, text);
  }
  check(report->sqlstate.empty() || isSqlstate(report->sqlstate), "a SQLSTATE that is none");
  std::string out;
  appendErrorResponse(out, *report);
  const auto again = parseReport(asBytes(out).subspan(kHeaderSize));
  check(again.has_value(), "a report that cannot be read again");
  check(report->message.size() > kMaxReportText || again->message == report->message,
        "a message that changed");
}

void checkServerMessages(ByteView body) {
  if (const auto status = parseParameterStatus(body)) {
    checkText(body, status->name);
    checkText(body, status->value);
    std::string out;
    check(appendParameterStatus(out, status->name, status->value) &&
              out.substr(kHeaderSize) == asText(body),
          "a parameter status that changed");
  }
  if (const auto key = parseBackendKeyData(body)) {
    checkInside(body, key->key);
    std::string out;
    appendBackendKeyData(out, key->pid, key->key);
    check(out.substr(kHeaderSize) == asText(body), "key data that changed");
  }
  if (const auto negotiated = parseNegotiateProtocolVersion(body)) {
    check(negotiated->options + 8 <= body.size(), "more options than bytes");
    std::string out;
    const std::string names(asText(body.subspan(8)));
    Negotiation negotiation{.newest_version = negotiated->version, .unsupported_options = {}};
    for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
      negotiation.unsupported_options.emplace_back(names.c_str() + at);
    }
    check(negotiation.unsupported_options.size() == negotiated->options, "names miscounted");
    check(
        appendNegotiateProtocolVersion(out, negotiation) && out.substr(kHeaderSize) == asText(body),
        "a negotiation that changed");
  }
  if (const auto status = parseReadyForQuery(body)) {
    std::string out;
    appendReadyForQuery(out, *status);
    check(out.substr(kHeaderSize) == asText(body), "a status that changed");
  }
  if (const auto request = parseAuthentication(body)) {
    checkInside(body, request->data);
    check((request->code == AuthenticationCode::Sasl) == !request->mechanisms.empty(),
          "mechanisms without SASL");
    for (const std::string_view mechanism : request->mechanisms) {
      checkText(body, mechanism);
    }
  }
  if (const auto tag = parseCommandComplete(body)) {
    checkText(body, *tag);
    check(!tag->empty() && firstWord(*tag).size() <= tag->size(), "a word longer than its tag");
  }
}

void checkClientMessages(ByteView body) {
  check(isNamed(body).has_value() == !body.empty(), "a name that is not known in time");
  if (const auto names = parseParse(body)) {
    checkText(body, names->statement);
    check(isNamed(body) == !names->statement.empty(), "a name by one parser only");
  }
  if (const auto names = parseBind(body)) {
    checkText(body, names->portal);
    checkText(body, names->statement);
  }
  if (const auto target = parseTarget(body)) {
    checkText(body, target->name);
  }
  if (const auto portal = parseExecute(body)) {
    checkText(body, portal->portal);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView body(data, size);
  checkReport(body);
  checkServerMessages(body);
  checkClientMessages(body);
  return 0;
}
