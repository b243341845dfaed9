// Any bytes as a configuration file: an answer, never a crash, and an error or a usable Config.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/load.h"
#include "proxy/base/check.h"

namespace {

void judge(const peerpool::config::Config& config, const peerpool::config::Diagnostics& out) {
  using peerpool::check;
  for (const peerpool::config::Diagnostic& diagnostic : out.sorted()) {
    check(!peerpool::config::describe(diagnostic).empty(), "a diagnostic without text");
  }
  if (out.hasErrors()) {
    return;
  }
  for (const peerpool::config::PolicyRule& rule : config.rules) {
    check(!rule.listeners.empty(), "a rule for no listener");
    check(rule.effect == peerpool::config::Effect::Deny || !rule.databases.empty(),
          "an allow without databases");
    check(rule.who.anyone || rule.who.matcher || !rule.who.identities.empty(),
          "a rule that selects nobody in particular");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  peerpool::config::Diagnostics out;
  const peerpool::config::Config config = peerpool::config::loadText(text, "fuzz.yaml", out);
  judge(config, out);
  return 0;
}
