// Answers questions about processes, one after the other. It trusts nobody who asks: peerpool reads
// what strangers send, and this process may look into all others.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "auth/executable_reader.h"
#include "proxy/base/unique_fd.h"

namespace peerpool::attest {

/// One thread; its only waiting is for questions and for a disk.
class Helper {
 public:
  struct Settings {
    uid_t client = 0;              ///< Who may ask, beside root.
    std::size_t connections = 16;  ///< Beyond, the one that asked longest ago is closed.
    auth::ExecutableReader::Limits limits = {};
  };
  /// `listening` is a non-blocking seqpacket socket. `say` gets sentences for the log.
  Helper(UniqueFd listening, const Settings& settings, std::function<void(const std::string&)> say);

  /// Until `stop` is readable.
  void serve(int stop);

 private:
  using Connections = std::list<UniqueFd>;  // Who asked longest ago comes first.
  struct Packet;
  void accept();
  /// False: the connection is to be closed.
  [[nodiscard]] bool answer(int connection);
  [[nodiscard]] auth::AttestationAnswer look(const auth::AttestationQuestion& question,
                                             std::vector<UniqueFd> passed);

  UniqueFd listening_;
  Settings settings_;
  std::function<void(const std::string&)> say_;
  auth::ExecutableReader reader_;
  Connections connections_;
};

}  // namespace peerpool::attest
