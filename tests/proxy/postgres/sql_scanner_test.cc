#include "proxy/postgres/sql_scanner.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace peerpool::postgres;
using Kind = SqlToken::Kind;

namespace {

/// w(ord), q(uoted), s(tring), n(umber), ! for what is bad, and symbols as they are.
std::string kindsOf(std::string_view sql) {
  std::string kinds;
  SqlScanner scanner(sql);
  for (SqlToken token = scanner.next(); token.kind != Kind::End; token = scanner.next()) {
    kinds +=
        token.kind == Kind::Symbol ? token.text.front() : "?wqsn?!"[static_cast<int>(token.kind)];
    if (token.kind == Kind::Bad) {
      break;
    }
  }
  return kinds;
}

}  // namespace

TEST_CASE("A text is taken apart as PostgreSQL does it") {
  struct Case {
    std::string_view sql;
    std::string_view kinds;
  };
  const Case cases[] = {
      {"", ""},
      {" \t\n-- comment", ""},
      {"/* a /* nested */ comment */", ""},
      {"SELECT a.b, \"C d\" FROM t;", "ww.w,qww;"},
      {"1.5e10 $1 $12a", "n.nwnnw"},
      {"'it''s' E'a\\'b' N'x' B'01' X'1F' U&'\\0041' e''", "sssssss"},
      {"$$a 'b' ; $x$ $$ $tag$ $$ $tag$", "ss"},
      {"a$b$c", "w"},
      {"$a $", "$w$"},
      {"a-- b\n-c", "w-w"},
      {"a/**/b", "ww"},
      {"\"a\"\"b\"\"c\"", "q"},
      {"caf\xc3\xa9_1 ", "w"},
      {"a::int[] <> 'x'", "w::w[]<>s"},
      {"'a' 'b'", "ss"},
  };
  for (const Case& item : cases) {
    CAPTURE(item.sql);
    CHECK(kindsOf(item.sql) == item.kinds);
  }
}

TEST_CASE("What does not end, or may end elsewhere, is bad") {
  for (const char* sql :
       {"'a", "\"a", "/* a", "/* a /* b */", "$$a", "$t$ $$ $t", "E'a\\'", "E'a\\", "B'0", "U&'a",
        "U&\"\\0041\"",              // A name that is written in numbers.
        "E'\x81\\'",                 // A letter's second half in some encodings.
        "E'a'\n'b\\'; SELECT '"}) {  // One string, which has escapes.
    CAPTURE(sql);
    CHECK(kindsOf(sql).find('!') != std::string::npos);
    SqlScanner scanner(sql);
    SqlToken token = scanner.next();
    while (token.kind != Kind::Bad) {
      REQUIRE(token.kind != Kind::End);
      token = scanner.next();
    }
    CHECK(scanner.next().kind == Kind::Bad);
  }
}

TEST_CASE("A name is folded unless it is quoted") {
  CHECK(nameOf(SqlScanner("AbC").next()) == "abc");
  CHECK(nameOf(SqlScanner("\xc3\x84Z").next()) == "\xc3\x84z");
  CHECK(nameOf(SqlScanner("\"A \"\"b\"\"\"").next()) == "A \"b\"");
  CHECK(nameOf(SqlScanner("\"\"").next()).empty());
}

TEST_CASE("Each token is a view of the text, in its order") {
  const std::string_view sql = "SELECT 'a''b', $x$;$x$ /* c */ FROM \"t\" -- end";
  SqlScanner scanner(sql);
  const char* at = sql.data();
  while (true) {
    const SqlToken ahead = scanner.peek();
    const SqlToken token = scanner.next();
    CHECK(ahead.text.data() == token.text.data());
    CHECK(token.text.data() >= at);
    at = token.text.data() + token.text.size();
    CHECK(scanner.rest().data() == at);
    if (token.kind == Kind::End) {
      break;
    }
  }
  CHECK(at == sql.data() + sql.size());
}
