// Each check against a small broken source: a check that never bites is none.

#include "tests/tidy/checks.h"

#include <catch2/catch.hpp>

namespace peerpool::tidy {
namespace {

std::string include(const std::string& name) { return "#include \"" + name + "\"\n"; }

std::string repeated(const std::string& line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) {
    text += line;
  }
  return text;
}

// The complaints about one file that includes `what`; the included file exists.
Complaints includeFrom(const std::string& path, const std::string& what) {
  return checkIncludes({parseSource(path, include(what)), parseSource(what, "")});
}

Complaints includeLibrary(const std::string& path, const std::string& header) {
  return checkIncludes({parseSource(path, "#include <" + header + ">\n")});
}

Complaints style(const std::string& path, const std::string& text) {
  return checkStyle(parseSource(path, text));
}

}  // namespace

TEST_CASE("an include that points up or sideways is found") {
  CHECK(includeFrom("proxy/base/bytes.h", "config/model.h").size() == 1);
  CHECK(includeFrom("config/load.cc", "auth/policy.h").size() == 1);
  CHECK(includeFrom("proxy/postgres/wire/startup.h", "proxy/net/transport.h").size() == 1);
  CHECK(includeFrom("proxy/pool/pool.h", "proxy/event/event_loop.h").size() == 1);
  CHECK(includeFrom("proxy/observe/audit.cc", "proxy/postgres/server_link.h").size() == 1);
  CHECK(includeFrom("proxy/admin/tables.cc", "proxy/net/listener.h").size() == 1);
  CHECK(includeFrom("proxy/postgres/relay.cc", "proxy/server/worker.h").size() == 1);
  CHECK(includeFrom("proxy/pool/pool.h", "config/load.h").size() == 1);
  CHECK(includeFrom("proxy/pool/pool.h", "proxy/base/unique_fd.h").size() == 1);
}

TEST_CASE("an include that points down is fine") {
  CHECK(includeFrom("config/model.h", "proxy/base/bytes.h").empty());
  CHECK(includeFrom("auth/policy.h", "config/model.h").empty());
  CHECK(includeFrom("proxy/postgres/relay.cc", "proxy/postgres/wire/startup.h").empty());
  CHECK(includeFrom("proxy/server/main.cc", "proxy/admin/command.h").empty());
  CHECK(includeFrom("proxy/pool/pool.cc", "proxy/pool/pool.h").empty());
}

TEST_CASE("a path that is not from the root, does not exist, or is in a new folder is found") {
  CHECK(checkIncludes({parseSource("proxy/pool/pool.cc", include("pool.h"))}).size() == 1);
  CHECK(checkIncludes({parseSource("config/a.cc", include("config/b.h"))}).size() == 1);
  CHECK(checkIncludes({parseSource("proxy/utils/misc.cc", "")}).size() == 1);
}

TEST_CASE("a library is included only where it belongs") {
  CHECK(includeLibrary("config/load.cc", "yaml-cpp/yaml.h").size() == 1);
  CHECK(includeLibrary("config/yaml_reader.cc", "yaml-cpp/yaml.h").empty());
  CHECK(includeLibrary("auth/scram.cc", "openssl/evp.h").size() == 1);
  CHECK(includeLibrary("auth/crypto.cc", "openssl/evp.h").empty());
  CHECK(includeLibrary("auth/policy.cc", "Poco/JSON/Object.h").size() == 1);
  CHECK(includeLibrary("proxy/observe/log_sinks.cc", "Poco/Logger.h").empty());
  CHECK(includeLibrary("proxy/net/transport.cc", "liburing.h").size() == 1);
  CHECK(includeLibrary("proxy/event/uring_flusher.cc", "liburing.h").empty());
  CHECK(includeLibrary("proxy/event/event_loop.cc", "sys/acl.h").size() == 1);
  CHECK(includeLibrary("proxy/net/socket_file.cc", "sys/acl.h").empty());
  CHECK(includeLibrary("proxy/pool/pool.cc", "sys/socket.h").size() == 1);
  CHECK(includeLibrary("proxy/base/text.cc", "format").size() == 1);
  CHECK(includeLibrary("proxy/base/text.cc", "forward_list").empty());
}

TEST_CASE("includes in comments and literals do not count") {
  const std::string text =
      "// #include \"proxy/server/worker.h\"\n"
      "const char* kText = R\"(\n#include \"proxy/server/worker.h\"\n)\";\n";
  CHECK(checkIncludes({parseSource("proxy/base/text.cc", text)}).empty());
}

TEST_CASE("a circle of includes is found") {
  const std::vector<SourceFile> circle{parseSource("auth/a.h", include("auth/b.h")),
                                       parseSource("auth/b.h", include("auth/c.h")),
                                       parseSource("auth/c.h", include("auth/a.h"))};
  REQUIRE(checkCycles(circle).size() == 1);
  CHECK(checkCycles(circle)[0].find("auth/a.h -> auth/b.h -> auth/c.h -> auth/a.h") !=
        std::string::npos);
  CHECK(checkCycles({circle[0], circle[1]}).empty());
}

TEST_CASE("long files and headers are found") {
  CHECK(checkBudgets(parseSource("auth/a.cc", repeated("\n", 400))).empty());
  CHECK(checkBudgets(parseSource("auth/a.cc", repeated("\n", 401))).size() == 1);
  CHECK(checkBudgets(parseSource("auth/a.h", repeated("\n", 200))).empty());
  CHECK(checkBudgets(parseSource("auth/a.h", repeated("\n", 201))).size() == 1);
}

TEST_CASE("long functions are found wherever they stand") {
  const std::string short_body = repeated("  call();\n", 68) + "}\n";
  const std::string long_body = repeated("  call();\n", 69) + "}\n";
  for (const std::string head :
       {"int f() {\n", "namespace a {\nvoid g(int x) const noexcept {\n",
        "class C {\n public:\n  C() : a_{1}, b_(2) {\n", "struct S {\n  int f() {\n",
        "TEST_CASE(\"words { and ( in it\") {\n", "#include <a>\nauto f() -> int {\n",
        "int f() {\n  if (x) {\n  }\n"}) {
    INFO(head);
    const int extra = head.find("if (x)") != std::string::npos ? 2 : 0;
    const std::string fitting = repeated("  call();\n", 68 - extra) + "}\n";
    CHECK(checkBudgets(parseSource("auth/a.cc", head + fitting)).empty());
    CHECK(checkBudgets(parseSource("auth/a.cc", head + long_body)).size() == 1);
  }
  CHECK(checkBudgets(parseSource("auth/a.cc", "int f() {\n" + short_body)).empty());
  CHECK(checkBudgets(parseSource("auth/a.cc", "namespace a {\n" + long_body)).empty());
  CHECK(checkBudgets(parseSource("auth/a.cc", "struct S {\n" + long_body)).empty());
}

TEST_CASE("words that do not belong are found in code, not in comments") {
  CHECK(style("auth/a.cc", "auto x = std::views::all(y);\n").size() == 1);
  CHECK(style("auth/a.cc", "auto x = std::format(y);\n").size() == 1);
  CHECK(style("auth/a.cc", "std::cout << 1;\n").size() == 1);
  CHECK(style("auth/a.cc", "std::cerr << 1;\n").size() == 1);
  CHECK(style("proxy/server/main.cc", "std::cout << 1;\n").empty());
  CHECK(style("auth/a.cc", "int a;\n#define A 1\n").size() == 1);
  CHECK(style("auth/a.cc", "// std::cout, std::format and #define are banned\n").empty());
  CHECK(style("auth/a.cc", "const char* s = \"std::cout\";\n").empty());
}

TEST_CASE("unfinished work is found in comments too") {
  const std::string todo = "TO";
  CHECK(style("auth/a.cc", "// " + todo + "DO: later\n").size() == 1);
  CHECK(style("auth/a.cc", "// FIX" + std::string("ME\n")).size() == 1);
  CHECK(style("auth/a.cc", "// fix me, to do\n").empty());
}

TEST_CASE("a header says what it is and is included once") {
  CHECK(style("auth/a.h", "// What it is.\n\n#pragma once\n").empty());
  CHECK(style("auth/a.h", "// What it is.\n").size() == 1);
  CHECK(style("auth/a.h", "#pragma once\n").size() == 1);
  CHECK(style("auth/a.h", "// What it is. #pragma once\n").size() == 1);
}

TEST_CASE("digit separators and quotes do not confuse the lexer") {
  const SourceFile file =
      parseSource("auth/a.cc", "int a = 30'000; char b = '\"'; f(\"}\\\"{\");\n");
  CHECK(file.code.find("30'000;") != std::string::npos);
  CHECK(file.code.find('}') == std::string::npos);
  CHECK(file.code.find("f(") != std::string::npos);
}

}  // namespace peerpool::tidy
