#include "proxy/server/audit_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ostream>
#include <system_error>
#include <vector>

#include "config/load.h"
#include "proxy/base/unique_fd.h"
#include "proxy/observe/audit_verify.h"
#include "proxy/server/exit_code.h"

namespace peerpool::server {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

/// 0, or why `path` cannot be read to its end.
int readInto(observe::ChainVerifier& verifier, const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) {
    return errno;
  }
  std::vector<char> piece(kPiece);
  verifier.beginFile(path);
  ssize_t got = 0;
  while ((got = ::read(fd.get(), piece.data(), piece.size())) != 0) {
    if (got < 0 && errno != EINTR) {
      return errno;
    }
    if (got > 0) {
      verifier.read({piece.data(), static_cast<std::size_t>(got)});
    }
  }
  verifier.endFile();
  return 0;
}

void printResult(const observe::ChainVerifier& verifier, const std::string& expected,
                 std::ostream& out) {
  for (const observe::ChainFinding& finding : verifier.findings()) {
    out << finding.file << ':' << finding.line << ": " << observe::name(finding.fault) << ": "
        << finding.text << '\n';
  }
  if (verifier.more() > 0) {
    out << "and " << verifier.more() << " more\n";
  }
  if (!verifier.expectedFound()) {
    out << "cut off: no line has the hash " << expected
        << ": lines were removed or changed after it was noted, or a file is missing here\n";
  }
  out << (verifier.whole() ? "whole: " : "broken: ") << verifier.lines() << " lines";
  if (verifier.first()) {
    out << ", sequence " << verifier.first()->sequence + 1 << " to " << verifier.last().sequence
        << '\n';
    if (verifier.first()->hash != observe::chainBeginning()) {
      out << "first follows " << verifier.first()->hash << " (in an older file)\n";
    }
    out << "last hash " << verifier.last().hash;
  }
  out << '\n';
}

/// Empty when there is none; `err` says why.
std::string configuredFile(const std::string& path, std::ostream& err) {
  try {
    config::Diagnostics ignored;  // An old log can be read with a configuration that is not good.
    const std::string file = config::load(path, ignored).audit.file;
    if (file.empty()) {
      err << "peerpool audit: " << path << " names no audit file\n"
          << "  hint: peerpool audit verify FILE...\n";
    }
    return file;
  } catch (const std::system_error& error) {
    err << "peerpool audit: " << error.what() << '\n';
    return {};
  }
}

}  // namespace

int runAuditVerify(const Options& options, std::ostream& out, std::ostream& err) {
  if (!options.expect.empty() && !observe::isChainHash(options.expect)) {
    err << "peerpool audit: --expect: '" << options.expect
        << "' is no hash\n  hint: 64 digits of 0-9 and a-f\n";
    return kExitUsage;
  }
  std::vector<std::string> files = options.files;
  if (files.empty()) {
    files.push_back(configuredFile(options.config, err));
    if (files.front().empty()) {
      return kExitNoInput;
    }
  }
  observe::ChainVerifier verifier(options.expect);
  for (const std::string& file : files) {
    if (const int error = readInto(verifier, file); error != 0) {
      err << "peerpool audit: " << file << ": " << std::generic_category().message(error) << '\n';
      return kExitNoInput;
    }
  }
  printResult(verifier, options.expect, out);
  return verifier.whole() ? kExitOk : kExitBroken;
}

}  // namespace peerpool::server
