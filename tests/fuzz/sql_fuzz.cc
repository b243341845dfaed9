// Texts of SQL: what they are made of, what they may leave, and what of that is done again
// elsewhere.

#include <cstddef>
#include <cstdint>
#include <string>

#include "proxy/base/bytes.h"
#include "proxy/base/check.h"
#include "proxy/postgres/followed_settings.h"
#include "proxy/postgres/session_effect.h"
#include "proxy/postgres/sql_scanner.h"
#include "proxy/postgres/statement_words.h"

using namespace peerpool;
using namespace peerpool::postgres;
using Kind = SessionEffect::Kind;

namespace {

/// False: there is something bad in it.
bool checkTokens(std::string_view sql) {
  SqlScanner scanner(sql);
  const char* at = sql.data();
  while (true) {
    const SqlToken token = scanner.next();
    check(token.text.data() >= at, "a token in front of the one before");
    at = token.text.data() + token.text.size();
    check(at <= sql.data() + sql.size(), "a token outside its text");
    if (token.kind == SqlToken::Kind::End || token.kind == SqlToken::Kind::Bad) {
      check(scanner.next().kind == token.kind, "something behind the end");
      return token.kind == SqlToken::Kind::End;
    }
    check(!token.text.empty(), "a token of nothing");
    static_cast<void>(nameOf(token));
  }
}

/// Done again, it is that command and nothing else.
void checkSetting(const Setting& setting) {
  if (setting.name.empty()) {
    return;
  }
  FollowedSettings settings;
  settings.apply(setting);
  std::string sql;
  settings.appendDifference(sql, {});
  check(sql.empty() == setting.value.empty(), "a default that is set, or a value that is not");
  FollowedSettings().appendDifference(sql, settings);
  const SessionEffect again = effectOf(sql);
  check(again.kind() == Kind::None, "what is done again does more");
  for (const Setting& same : again.settings()) {
    check(same.name == setting.name, "another parameter");
    check(same.value.empty() || same.value == setting.value, "another value");
  }
  check(again.settings().size() == (setting.value.empty() ? 0U : 2U), "another number of commands");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string sql(asText(ByteView(data, size)));
  const bool whole = checkTokens(sql);
  const SessionEffect effect = effectOf(sql);
  check(whole || effect.kind() != Kind::None, "a text that is not understood leaves nothing");
  check(effect.settings().size() <= effect.settingCommands(), "more settings than commands");
  for (const Setting& setting : effect.settings()) {
    checkSetting(setting);
  }
  if (whole) {
    check(effectOf(sql + "\n; SELECT f(1)").kind() != Kind::None, "a text hides what follows");
    check(effectOf("LISTEN a; " + sql).kind() == Kind::State, "a text hides what was before");
  }
  static_cast<void>(findStatementWords(sql));
  return 0;
}
