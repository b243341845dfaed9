// The order of system calls, as strace sees it: closed before bound, opened before listening, and a
// datagram socket opened before it has its name. The stress test's cheap and certain sibling.

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "tests/proxy/net/file_fixture.h"
#include "tests/support/process.h"

namespace peerpool::net {

namespace {

constexpr int kRounds = 10;

struct Call {
  std::string name;
  std::string first_argument;
  std::string line;
};

// "123 bind(7, {...}) = 0" and its like; lines about anything else are left out.
std::vector<Call> parseTrace(const std::string& text) {
  std::vector<Call> calls;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    const std::size_t begin = line.find_first_not_of(' ', space);
    const std::size_t bracket = line.find('(', begin);
    if (bracket != std::string::npos) {
      const std::size_t end = line.find_first_of(",)", bracket);
      calls.push_back(
          {line.substr(begin, bracket - begin), line.substr(bracket + 1, end - bracket - 1), line});
    }
  }
  return calls;
}

}  // namespace

TEST_CASE("set-ups to be traced", "[.traced]") {
  const UmaskScope scope(0);
  const ScratchDirectory scratch;
  for (int i = 0; i < kRounds; ++i) {
    for (const SocketKind kind :
         {SocketKind::Stream, SocketKind::SeqPacket, SocketKind::Datagram}) {
      const SocketFile socket(
          {scratch.file("socket"), kind, {std::nullopt, std::nullopt, 0660, {{61002, false}}}, 4});
    }
  }
}

TEST_CASE("every socket is closed by fchmod before bind and opened before listen and rename") {
  const ScratchDirectory scratch;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  testing::Command command;
  command.arguments = {"strace",
                       "-f",
                       "-qq",
                       "-o",
                       scratch.file("trace"),
                       "-e",
                       "trace=socket,fchmod,bind,setxattr,chmod,listen,renameat2",
                       self,
                       "set-ups to be traced"};
  command.environment = {{"ASAN_OPTIONS", "detect_leaks=0"}};  // Which needs ptrace for itself.
  const testing::Finished finished = testing::run(command);
  if (finished.exit_code == 127) {
    testing::skipBecause("strace is not installed");
    return;
  }
  INFO(finished.describe());
  REQUIRE(finished.ok());

  std::string closed;  // The socket that fchmod has closed and bind has not yet used.
  int in_place = 0;
  int renamed = 0;
  int listens = 0;
  std::vector<std::string> since_bind;
  for (const Call& call : parseTrace(readFile(scratch.file("trace")))) {
    INFO(call.line);
    if (call.name == "fchmod" && call.line.find(", 000)") != std::string::npos) {
      closed = call.first_argument;
    } else if (call.name == "bind") {
      CHECK(call.first_argument == closed);
      in_place += call.line.find("/socket\"") != std::string::npos ? 1 : 0;
      renamed += call.line.find(".socket.tmp-") != std::string::npos ? 1 : 0;
      closed.clear();
      since_bind.clear();
    } else if (call.name == "listen") {
      ++listens;
      CHECK(since_bind == std::vector<std::string>{"setxattr", "chmod"});
    } else if (call.name == "renameat2") {
      CHECK(since_bind == std::vector<std::string>{"setxattr", "chmod"});
    } else if (call.name == "setxattr" || call.name == "chmod") {
      since_bind.push_back(call.name);
    }
  }
  CHECK(in_place == 2 * kRounds);
  CHECK(listens == 2 * kRounds);
  CHECK(renamed == kRounds);  // Datagrams come as soon as it is bound.
}

}  // namespace peerpool::net
