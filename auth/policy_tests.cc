// tests: against the decisions of login().

#include "auth/policy_tests.h"

#include <optional>
#include <string>
#include <vector>

#include "auth/name_resolver.h"
#include "auth/process_facts.h"
#include "auth/quoted.h"

namespace peerpool::auth {
namespace {

constexpr char kExpectDeny[] = "deny";

std::string ruleText(const Decision& decision) {
  return "rule " + quoted(decision.rule) +
         (decision.where.file.empty() ? "" : " (" + config::describe(decision.where) + ')');
}

std::string decisionText(const Decision& decision) {
  if (decision.verdict == Verdict::Allow) {
    return ruleText(decision) + " lets it in: " + decision.reason;
  }
  return decision.rule == "default" ? "it is denied: " + decision.reason
                                    : ruleText(decision) + " denies it: " + decision.reason;
}

bool isAsExpected(const config::PolicyTest& test, const Decision& decision) {
  if (test.expect == kExpectDeny) {
    return decision.verdict == Verdict::Deny;
  }
  return decision.verdict == Verdict::Allow && decision.rule == test.expect;
}

}  // namespace

void runPolicyTests(const Policy& policy, Accounts& accounts, config::Diagnostics& out) {
  const std::vector<config::PolicyTest>& tests = policy.config().tests;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const config::PolicyTest& test = tests[i];
    const std::string path = "tests[" + std::to_string(i) + ']';
    auto peer = imaginedPeer(accounts, test.user,
                             test.groups_given ? std::optional(test.groups) : std::nullopt);
    if (!peer) {
      out.error(test.where, path, peer.error().text);
      continue;
    }
    peer->process = imaginedProcess(test.unit, test.exe);
    const Decision decision =
        policy.login(*peer, {test.listener, test.database, test.role, test.at});
    if (!isAsExpected(test, decision)) {
      const std::string expected =
          test.expect == kExpectDeny ? "deny" : "rule " + quoted(test.expect);
      out.error(test.where, path, "expected " + expected + ", but " + decisionText(decision));
    }
  }
}

}  // namespace peerpool::auth
