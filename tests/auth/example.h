// The policies of deploy/config/examples, and the made-up machine on which they are judged: its
// accounts stand in tests/transcripts/examples, as passwd(5) and group(5).

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/identity.h"
#include "config/model.h"

namespace peerpool::auth::test {

class ExampleAccounts final : public Accounts {
 public:
  /// Reads both files; throws std::runtime_error when one is not as it should be.
  ExampleAccounts();

  Result<std::optional<Account>> userByName(const std::string& name) override;
  Result<std::optional<Account>> userByUid(uid_t uid) override;
  Result<std::optional<gid_t>> groupByName(const std::string& name) override;
  Result<std::vector<gid_t>> groupsOf(const Account& account) override;

  [[nodiscard]] const std::map<std::string, Account>& users() const noexcept { return users_; }
  [[nodiscard]] const std::map<std::string, gid_t>& groups() const noexcept { return groups_; }

 private:
  std::map<std::string, Account> users_;
  std::map<std::string, gid_t> groups_;
  std::map<std::string, std::vector<std::string>> members_;  // By group.
};

struct Example {
  std::string name;  ///< "01-one-application"
  std::string text;
  std::shared_ptr<const config::Config> config;
  std::vector<std::string> mistakes;  ///< Errors and warnings of the file alone.
};

/// All of them, by name.
[[nodiscard]] std::vector<Example> readExamples();

/// Each error and warning of the policy, with these accounts, as "LINE: PATH: MESSAGE"; the failed
/// tests of the file among them.
[[nodiscard]] std::vector<std::string> mistakesOf(std::shared_ptr<const config::Config> config);

}  // namespace peerpool::auth::test
