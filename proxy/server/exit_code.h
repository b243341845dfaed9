// How commands end; the numbers of sysexits.h, so that service managers know them.

#pragma once

namespace peerpool::server {

enum ExitCode : int {
  kExitOk = 0,
  kExitBroken = 1,          ///< audit verify: the log is not as it was written.
  kExitDifferent = 1,       ///< policy diff, policy replay: something is decided otherwise.
  kExitUsage = 64,          ///< The command line.
  kExitNoInput = 66,        ///< The configuration file does not exist.
  kExitUnavailable = 69,    ///< Nobody to ask: not running.
  kExitSoftware = 70,       ///< A system call failed that should not.
  kExitCannotCreate = 73,   ///< A socket, directory or log file.
  kExitDenied = 77,         ///< explain: the policy says no. status: not for this account.
  kExitConfiguration = 78,  ///< Mistakes in the configuration.
};

}  // namespace peerpool::server
