// Child processes: fork, change credentials, exec. Output goes to memory files, so no pipe can fill
// up.

#include "tests/support/process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

namespace peerpool::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

UniqueFd memoryFile(const char* name, const std::string& content = "") {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file) {
    fail("memfd_create");
  }
  std::size_t written = 0;
  while (written < content.size()) {
    const ssize_t count = ::write(file.get(), content.data() + written, content.size() - written);
    if (count < 0) {
      fail("write to a memory file");
    }
    written += static_cast<std::size_t>(count);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

UniqueFd openFile(const std::string& path, int flags) {
  UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (!file) {
    fail("open " + path);
  }
  return file;
}

// Reads without moving the offset, which the child shares.
std::string contentOf(int fd) {
  std::string content;
  char buffer[64 * 1024];
  while (true) {
    const ssize_t count = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(content.size()));
    if (count <= 0) {
      return content;
    }
    content.append(buffer, static_cast<std::size_t>(count));
  }
}

std::vector<std::string> environmentFor(const Command& command) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string key = text.substr(0, text.find('='));
    if (text.rfind("PG", 0) != 0 && key != "HOME" && command.environment.count(key) == 0) {
      result.push_back(text);
    }
  }
  if (command.environment.count("HOME") == 0) {
    result.emplace_back("HOME=/nonexistent");
  }
  for (const auto& [key, value] : command.environment) {
    result.push_back(key + '=' + value);
  }
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  std::transform(texts.begin(), texts.end(), std::back_inserter(result),
                 [](std::string& text) { return text.data(); });
  result.push_back(nullptr);
  return result;
}

// All that the child needs, made before fork(2).
struct Prepared {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const std::optional<Credentials>* run_as;
  int input;
  int output;
  int errors;
  pid_t parent;
};

[[noreturn]] void becomeProgram(const Prepared& prepared) {
  if (*prepared.run_as) {
    const Credentials& wanted = **prepared.run_as;
    if (::setgroups(wanted.groups.size(), wanted.groups.data()) != 0 ||
        ::setresgid(wanted.gid, wanted.gid, wanted.gid) != 0 ||
        ::setresuid(wanted.uid, wanted.uid, wanted.uid) != 0 || ::chdir("/") != 0) {
      ::_exit(126);
    }
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // After the change of ids, which clears it.
  if (::getppid() != prepared.parent) {
    ::_exit(126);
  }
  ::dup2(prepared.input, STDIN_FILENO);
  ::dup2(prepared.output, STDOUT_FILENO);
  ::dup2(prepared.errors, STDERR_FILENO);
  ::execvpe(prepared.arguments[0], prepared.arguments.data(), prepared.environment.data());
  ::_exit(127);
}

}  // namespace

std::string Finished::describe() const {
  std::ostringstream text;
  text << "exit code " << exit_code << ", signal " << signal << (timed_out ? ", timed out" : "")
       << "\n--- output\n"
       << output << "\n--- errors\n"
       << errors;
  return text.str();
}

Process::Process(const Command& command) {
  const UniqueFd input = command.input_file.empty() ? memoryFile("stdin", command.input)
                                                    : openFile(command.input_file, O_RDONLY);
  output_ = command.output_file.empty() ? memoryFile("stdout")
                                        : openFile(command.output_file, O_RDWR | O_CREAT | O_TRUNC);
  errors_ = memoryFile("stderr");
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = environmentFor(command);
  const Prepared prepared{pointers(arguments), pointers(environment), &command.run_as, input.get(),
                          output_.get(),       errors_.get(),         ::getpid()};
  pid_ = ::fork();
  if (pid_ < 0) {
    fail("fork");
  }
  if (pid_ == 0) {
    becomeProgram(prepared);
  }
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Process::~Process() {
  if (pid_ > 0 && running()) {
    signal(SIGKILL);
    reap(0);
  }
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      reaped_(other.reaped_),
      status_(other.status_),
      pidfd_(std::move(other.pidfd_)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)) {}

bool Process::reap(int options) {
  if (!reaped_ && ::waitpid(pid_, &status_, options) == pid_) {
    reaped_ = true;
  }
  return reaped_;
}

bool Process::running() { return !reap(WNOHANG); }

void Process::signal(int number) const noexcept {
  if (!reaped_ && pid_ > 0) {
    ::kill(pid_, number);
  }
}

Finished Process::wait(std::chrono::milliseconds timeout) {
  Finished result;
  pollfd watched{pidfd_.get(), POLLIN, 0};
  if (running() && ::poll(&watched, 1, static_cast<int>(timeout.count())) == 0) {
    result.timed_out = true;
    signal(SIGKILL);
  }
  reap(0);
  result.exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  result.signal = WIFSIGNALED(status_) ? WTERMSIG(status_) : 0;
  result.output = output();
  result.errors = errors();
  return result;
}

Finished Process::terminate(std::chrono::milliseconds timeout) {
  signal(SIGTERM);
  return wait(timeout);
}

std::string Process::output() const { return contentOf(output_.get()); }

std::string Process::errors() const { return contentOf(errors_.get()); }

Finished run(const Command& command, std::chrono::milliseconds timeout) {
  Process process(command);
  return process.wait(timeout);
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

std::size_t descriptorsOf(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t residentKib(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("VmRSS:", 0) == 0) {
      return std::stoul(line.substr(6));
    }
  }
  return 0;
}

}  // namespace peerpool::testing
