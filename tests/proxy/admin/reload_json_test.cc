#include "proxy/admin/reload_json.h"

#include <catch2/catch.hpp>

namespace peerpool::admin {
namespace {

TEST_CASE("a reload's report is the same after it went through JSON") {
  const ReloadReport report{
      true, 7, {"a.yaml:1:2: error: \"quoted\"\n  hint: none"}, {"process.workers: 1 runs"}};
  const std::string json = reloadJson(report);
  CHECK(json.find('\n') == std::string::npos);
  const Result<ReloadReport> back = parseReloadJson(json);
  REQUIRE(back);
  CHECK(*back == report);
}

TEST_CASE("what a file smuggles into its complaints does not reach the terminal") {
  const Result<ReloadReport> back =
      parseReloadJson(reloadJson({false, 1, {"bad \x1b[2Jname\xff"}, {}}));
  REQUIRE(back);
  REQUIRE(back->complaints.size() == 1);
  CHECK(back->complaints[0].find('\x1b') == std::string::npos);
  CHECK(back->complaints[0].find('\xff') == std::string::npos);
}

TEST_CASE("what is no report is an error") {
  CHECK(parseReloadJson(R"({"error":"not now"})").error().text == "not now");
  for (const char* const text :
       {"", "{}", "[]", "{\"ok\":1", "{\"ok\":true,\"generation\":\"x\"}"}) {
    INFO(text);
    CHECK_FALSE(parseReloadJson(text));
  }
}

}  // namespace
}  // namespace peerpool::admin
