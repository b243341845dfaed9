#include "tests/integration/rows.h"

#include <catch2/catch.hpp>

namespace peerpool::testing {
namespace {

const std::string kZero(1, '\0');

}  // namespace

SceneOptions oneServerFor(const std::string& pools) {
  return {.rules = everybodyMayBe("app"),
          .pools = pools.empty() ? "  mode: transaction\n  size: 1\n  wait_timeout: 30s\n" : pools};
}

Talker::Talker(const Scene& scene) : client_(scene.socketPath()) {
  REQUIRE(client_.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(client_.receiveUntil('Z').back().type == 'Z');
}

std::string Talker::ask(const std::string& bytes, char last) {
  REQUIRE(client_.send(bytes));
  std::string answers;
  for (const RawMessage& message : client_.receiveUntil(last)) {
    answers += message.type;
    if (message.type == 'E') {
      answers += '(' + message.field('C') + ')';
    } else if (message.type == 'D' && message.body.size() > 6) {
      answers += '(' + message.body.substr(6) + ')';
    }
  }
  return answers;
}

std::string asQuery(const std::string& sql) { return rawMessage('Q', sql + kZero); }
std::string asParse(const std::string& name, const std::string& sql) {
  return rawMessage('P', name + kZero + sql + kZero + kZero + kZero);
}
std::string asBind(const std::string& name) {
  return rawMessage('B', kZero + name + kZero + std::string(6, '\0'));
}
std::string asExecute() { return rawMessage('E', std::string(5, '\0')); }
std::string about(char type, const std::string& name) {
  return rawMessage(type, "S" + name + kZero);
}
std::string asSync() { return rawMessage('S', ""); }

}  // namespace peerpool::testing
