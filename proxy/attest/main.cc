// peerpool-attest: the one program of the project that may look at other accounts' processes. It
// reads no configuration, speaks with one account, and says what program a process runs.

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "proxy/attest/helper.h"
#include "proxy/attest/listening_socket.h"
#include "proxy/attest/options.h"
#include "proxy/attest/privileges.h"

namespace peerpool::attest {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitUnavailable = 69;

uid_t uidOf(const std::string& account) {
  auth::SystemAccounts accounts;
  if (account.find_first_not_of("0123456789") == std::string::npos && account.size() < 10) {
    return static_cast<uid_t>(std::stoul(account));
  }
  const auto found = accounts.userByName(account);
  if (!found) {
    throw std::runtime_error(found.error().text);
  }
  if (!*found) {
    throw std::runtime_error("there is no account named " + account);
  }
  return found->value().uid;
}

/// Readable when the process is asked to end.
UniqueFd endingSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  return UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC));
}

void say(const std::string& text) { std::cerr << "peerpool-attest: " << text << std::endl; }

void run(const Options& options) {
  Helper::Settings settings;
  settings.client = uidOf(options.client);
  const UniqueFd ending = endingSignals();
  UniqueFd socket =
      options.socket.empty() ? passedSocket() : listenAt(options.socket, settings.client);
  if (!keepOnlyTracing()) {
    say("without CAP_SYS_PTRACE only processes of this account can be looked at");
  }
  Helper helper(std::move(socket), settings, say);
  say("ready for uid " + std::to_string(settings.client));
  helper.serve(ending.get());
  if (!options.socket.empty()) {
    ::unlink(options.socket.c_str());
  }
}

}  // namespace
}  // namespace peerpool::attest

int main(int argc, char** argv) {
  using namespace peerpool::attest;
  try {
    const auto options = parseOptions({argv + (argc > 0 ? 1 : 0), argv + argc});
    if (!options) {
      say(options.error().text);
      std::cerr << usage();
      return kExitUsage;
    }
    if (options->help) {
      std::cout << usage();
      return 0;
    }
    run(*options);
    return 0;
  } catch (const std::exception& error) {
    say(error.what());
    return kExitUnavailable;
  }
}
