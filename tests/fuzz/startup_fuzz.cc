// The first packet of a client, its options and what we would send on.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/startup.h"

using namespace peerpool;
using namespace peerpool::postgres::wire;
using Step = StartupResult::Step;

namespace {

void checkParameters(const std::vector<Parameter>& parameters) {
  for (const Parameter& parameter : parameters) {
    check(!parameter.name.empty(), "a parameter without a name");
    check(parameter.name.find('\0') == std::string::npos, "a zero byte in a name");
    check(parameter.value.find('\0') == std::string::npos, "a zero byte in a value");
  }
}

/// What was read can be written, and reads the same.
void checkRoundTrip(const StartupMessage& startup) {
  std::vector<Parameter> all = startup.parameters;
  all.insert(all.end(), startup.protocol_options.begin(), startup.protocol_options.end());
  std::string out;
  check(appendStartupMessage(out, std::uint32_t{3} << 16 | startup.minor, all),
        "what was read cannot be written");
  const StartupResult again = readStartup(asBytes(out));
  check(again.step == Step::Startup && again.consumed == out.size(), "what was written fails");
  check(again.startup.parameters == startup.parameters, "parameters changed");
  check(again.startup.protocol_options == startup.protocol_options, "options changed");
}

void checkStartup(const StartupMessage& startup) {
  check(startup.major == 3, "another major version");
  checkParameters(startup.parameters);
  checkParameters(startup.protocol_options);
  checkRoundTrip(startup);
  const auto negotiation = negotiate(startup);
  check(negotiation.has_value() == (startup.minor > 2 || !startup.protocol_options.empty()),
        "a negotiation too many or too few");
  const std::uint32_t spoken = spokenVersion(startup);
  check(spoken >= kProtocol30 && spoken <= kProtocol32 && (spoken & 0xffff) <= startup.minor,
        "a version that was not asked for");
  check(!negotiation || negotiation->newest_version == spoken, "two versions at once");
  std::string out;
  check(!negotiation || appendNegotiateProtocolVersion(out, *negotiation), "unwritable answer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const StartupResult result = readStartup(input);
  check(result.consumed <= size, "more consumed than there is");
  check((result.consumed == 0) == (result.step == Step::NeedMore || result.step == Step::Failed),
        "consumed without a packet");
  if (result.step == Step::NeedMore) {
    check(size < kMaxStartupBody + 4, "more is awaited than a packet can hold");
  }
  if (result.consumed > 0) {
    check(readStartup(input.first(result.consumed - 1)).step == Step::NeedMore, "done too early");
    check(readStartup(input.first(result.consumed)).step == result.step, "later bytes matter");
  }
  if (result.step == Step::Startup) {
    checkStartup(result.startup);
  } else if (result.step == Step::CancelRequest) {
    check(result.cancel.key.size() >= kMinCancelKey && result.cancel.key.size() <= kMaxCancelKey,
          "a cancel key of impossible size");
    std::string out;
    appendCancelRequest(out, result.cancel.pid, asBytes(result.cancel.key));
    check(out == asText(input.first(result.consumed)), "a cancel request changed");
  }
  const auto options = parseOptions(asText(input));
  if (options) {
    checkParameters(*options);
  } else {
    check(!options.error().text.empty() && options.error().sqlstate == "42601", "a silent error");
  }
  return 0;
}
