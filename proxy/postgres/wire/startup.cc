// The packet without a type byte; see startup.h.

#include "proxy/postgres/wire/startup.h"

#include <algorithm>
#include <utility>

#include "proxy/postgres/wire/body_reader.h"

namespace peerpool::postgres::wire {
namespace {

constexpr std::size_t kLengthFieldSize = 4;
constexpr std::size_t kCodeSize = 4;
constexpr std::uint16_t kNewestMinor = kProtocol32 & 0xffff;
constexpr std::string_view kProtocolOptionPrefix = "_pq_.";
constexpr std::string_view kProtocolViolation = "08P01";
constexpr std::string_view kFeatureNotSupported = "0A000";

char lower(char character) noexcept {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                              : character;
}

bool isConnectionParameter(std::string_view name) noexcept {
  return name == "user" || name == "database" || name == "options" || name == "replication";
}

StartupResult failed(StartupFailure::Reason reason, std::string_view sqlstate,
                     std::string message) {
  StartupResult result;
  result.step = StartupResult::Step::Failed;
  result.failure = {.reason = reason, .sqlstate = sqlstate, .message = std::move(message)};
  return result;
}

StartupResult badLength() {
  return failed(StartupFailure::Reason::Length, kProtocolViolation,
                "invalid length of startup packet");
}

StartupResult badLayout() {
  return failed(StartupFailure::Reason::Layout, kProtocolViolation,
                "invalid startup packet layout: expected terminator as last byte");
}

StartupResult done(StartupResult::Step step, std::size_t consumed) {
  StartupResult result;
  result.step = step;
  result.consumed = consumed;
  return result;
}

void store(std::vector<Parameter>& parameters, std::string_view name, std::string_view value) {
  const auto known = std::find_if(
      parameters.begin(), parameters.end(),
      [name](const Parameter& parameter) { return sameParameter(parameter.name, name); });
  if (known != parameters.end()) {
    known->value = value;
  } else {
    parameters.push_back({std::string(name), std::string(value)});
  }
}

/// `body` is what follows the version; the last byte must be the terminator, and no other.
bool takeParameters(ByteView body, StartupMessage& startup) {
  BodyReader reader(body);
  while (true) {
    const auto name = reader.takeText();
    if (!name) {
      return false;
    }
    if (name->empty()) {
      return reader.atEnd();
    }
    const auto value = reader.takeText();
    if (!value) {
      return false;
    }
    const bool is_option = name->substr(0, kProtocolOptionPrefix.size()) == kProtocolOptionPrefix;
    store(is_option ? startup.protocol_options : startup.parameters, *name, *value);
  }
}

/// `packet` is complete, from its length field to its end.
StartupResult readComplete(ByteView packet, std::uint32_t code) {
  BodyReader reader(packet.subspan(kLengthFieldSize + kCodeSize));
  if (code == kSslRequestCode || code == kGssEncRequestCode) {
    return done(code == kSslRequestCode ? StartupResult::Step::SslRequest
                                        : StartupResult::Step::GssEncRequest,
                packet.size());
  }
  if (code == kCancelRequestCode) {
    StartupResult result = done(StartupResult::Step::CancelRequest, packet.size());
    result.cancel.pid = reader.takeUint32().value_or(0);
    result.cancel.key = asText(reader.rest());
    return result;
  }
  StartupResult result = done(StartupResult::Step::Startup, packet.size());
  result.startup.major = static_cast<std::uint16_t>(code >> 16);
  result.startup.minor = static_cast<std::uint16_t>(code & 0xffff);
  return takeParameters(reader.rest(), result.startup) ? result : badLayout();
}

/// Can a packet with this code be `length` bytes long, the length field included?
bool lengthFits(std::uint32_t code, std::size_t length) noexcept {
  if (code == kSslRequestCode || code == kGssEncRequestCode) {
    return length == kLengthFieldSize + kCodeSize;
  }
  if (code == kCancelRequestCode) {
    return length >= 12 + kMinCancelKey && length <= 12 + kMaxCancelKey;
  }
  return true;
}

bool isSpace(char character) noexcept {
  return character == ' ' || (character >= '\t' && character <= '\r');
}

/// As PostgreSQL's pg_split_opts(): a backslash makes the next character literal, one at the end is
/// dropped.
std::vector<std::string> splitOptions(std::string_view options) {
  std::vector<std::string> arguments;
  std::size_t i = 0;
  while (true) {
    while (i < options.size() && isSpace(options[i])) {
      ++i;
    }
    if (i == options.size()) {
      return arguments;
    }
    std::string argument;
    for (; i < options.size() && !isSpace(options[i]); ++i) {
      if (options[i] == '\\') {
        if (++i == options.size()) {
          break;
        }
      }
      argument.push_back(options[i]);
    }
    arguments.push_back(std::move(argument));
  }
}

Error badOption(const std::string& argument) {
  return {.code = ErrorCode::Protocol,
          .text = "invalid command-line argument for server process: " + argument,
          .sqlstate = "42601"};
}

}  // namespace

bool sameParameter(std::string_view one, std::string_view other) noexcept {
  const bool same_letters =
      std::equal(one.begin(), one.end(), other.begin(), other.end(),
                 [](char left, char right) { return lower(left) == lower(right); });
  return same_letters &&
         (one == other || (!isConnectionParameter(one) && !isConnectionParameter(other)));
}

bool StartupMessage::has(std::string_view name) const noexcept {
  return std::any_of(parameters.begin(), parameters.end(), [name](const Parameter& parameter) {
    return sameParameter(parameter.name, name);
  });
}

std::string_view StartupMessage::value(std::string_view name) const noexcept {
  for (const Parameter& parameter : parameters) {
    if (sameParameter(parameter.name, name)) {
      return parameter.value;
    }
  }
  return {};
}

StartupResult readStartup(ByteView input) {
  if (input.size() < kLengthFieldSize) {
    return {};
  }
  const std::size_t length = readUint32(input);
  if (length < kLengthFieldSize + kCodeSize || length > kLengthFieldSize + kMaxStartupBody) {
    return badLength();
  }
  if (input.size() < kLengthFieldSize + kCodeSize) {
    return {};
  }
  const std::uint32_t code = readUint32(input.subspan(kLengthFieldSize));
  const bool is_request =
      code == kSslRequestCode || code == kGssEncRequestCode || code == kCancelRequestCode;
  if (!is_request && code >> 16 != 3) {
    return failed(StartupFailure::Reason::Unsupported, kFeatureNotSupported,
                  "unsupported frontend protocol " + std::to_string(code >> 16) + "." +
                      std::to_string(code & 0xffff) + ": server supports 3.0 to 3.2");
  }
  if (!lengthFits(code, length)) {
    return badLength();
  }
  return input.size() < length ? StartupResult{} : readComplete(input.first(length), code);
}

Result<std::vector<Parameter>> parseOptions(std::string_view options) {
  std::vector<Parameter> parameters;
  const std::vector<std::string> arguments = splitOptions(options.substr(0, options.find('\0')));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const std::string_view dashes = std::string_view(argument).substr(0, 2);
    if (dashes != "-c" && dashes != "--") {
      return badOption(argument);
    }
    std::string shown = argument;
    std::string assignment = argument.substr(2);
    if (assignment.empty()) {
      if (dashes == "--" || ++i == arguments.size()) {
        return badOption(argument);
      }
      assignment = arguments[i];
      shown += " " + assignment;
    }
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      return badOption(shown);
    }
    std::string name = assignment.substr(0, equals);
    std::replace(name.begin(), name.end(), '-', '_');
    store(parameters, name, std::string_view(assignment).substr(equals + 1));
  }
  return parameters;
}

std::uint32_t spokenVersion(const StartupMessage& startup) noexcept {
  return kProtocol30 + std::min(startup.minor, kNewestMinor);
}

std::size_t cancelKeyLength(std::uint32_t version) noexcept {
  return version < kProtocol32 ? kMinCancelKey : kLongCancelKey;
}

std::optional<Negotiation> negotiate(const StartupMessage& startup) {
  if (startup.minor <= kNewestMinor && startup.protocol_options.empty()) {
    return std::nullopt;
  }
  Negotiation negotiation;
  negotiation.newest_version = spokenVersion(startup);
  for (const Parameter& option : startup.protocol_options) {
    negotiation.unsupported_options.push_back(option.name);
  }
  return negotiation;
}

}  // namespace peerpool::postgres::wire
