// What each command of the command line does, with its streams as arguments. Each returns an exit
// code; status has a file of its own.

#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/file_facts.h"
#include "proxy/server/options.h"

namespace peerpool::server {

/// `peerpool check`: every mistake and warning to `err`, the summary of a good file to `out`.
[[nodiscard]] int runCheck(const Options& options, auth::Accounts& accounts,
                           const auth::FileFacts& files, std::ostream& out, std::ostream& err);

/// `peerpool explain`: the peer, the fate of each rule, the decision. kExitDenied when it is no.
[[nodiscard]] int runExplain(const Options& options, auth::Accounts& accounts,
                             const auth::FileFacts& files, std::ostream& out, std::ostream& err);

/// `peerpool serve`: runs until a signal. Before it begins, mistakes go to `err`; then the log
/// tells.
[[nodiscard]] int runServe(const Options& options, std::ostream& err);

/// The whole command line: `arguments` without the program's name.
[[nodiscard]] int runCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                                 std::ostream& err);

}  // namespace peerpool::server
