// Policies of a made-up machine, from texts, for the commands that ask them.

#pragma once

#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "auth/file_facts.h"
#include "proxy/server/options.h"
#include "tests/proxy/server/server_fakes.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Files, and commands that are run on them; what they print is without the directory.
struct PolicyScene {
  testing::TempDir directory;

  /// Writes a policy with the backend "main", the listener "pg" and these entries of rules:, two
  /// spaces in; `top` are further top-level keys.
  [[nodiscard]] std::string write(const std::string& name, const std::string& rules,
                                  const std::string& top = "") const {
    const std::string file = directory / name;
    testing::writeFile(file,
                       "version: 1\n"
                       "backends:\n"
                       "  main: { protocol: postgresql, address: \"unix:/run/p/.s.PGSQL.5432\", "
                       "expect_peer: { uid: 70 } }\n"
                       "listeners:\n  pg: { path: " +
                           directory.path() +
                           "/s.sock, backend: main, mode: \"0666\", open_to_everybody: true, "
                           "containers: deny }\n" +
                           top + "rules:\n" + rules);
    return file;
  }

  /// Calls command(options, accounts, files, listed, out, err).
  template <typename Run>
  [[nodiscard]] Ran run(const std::vector<std::string>& arguments, Run command) const {
    const Result<Options> options = parseOptions(arguments);
    INFO((options ? "" : options.error().text));
    REQUIRE(options.has_value());
    FakeAccounts accounts;
    const std::vector<auth::Account> listed{
        {"root", 0, 0}, {"alice", 1000, 1000}, {"bob", 1001, 1001}};
    std::ostringstream out;
    std::ostringstream err;
    const int code = command(*options, accounts, auth::SystemFileFacts(), listed, out, err);
    return {code, withoutDirectory(out.str()), withoutDirectory(err.str())};
  }

  [[nodiscard]] std::string withoutDirectory(std::string text) const {
    const std::string prefix = directory.path() + '/';
    for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) {
      text.erase(at, prefix.size());
    }
    return text;
  }
};

}  // namespace peerpool::server
