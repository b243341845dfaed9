#include "tests/support/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "auth/cgroup_path.h"
#include "proxy/base/unique_fd.h"
#include "tests/support/credentials.h"

namespace peerpool::testing {
namespace {

std::string mountPoint() {
  std::ifstream file("/proc/self/mountinfo");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return auth::cgroup2Mount(text).value_or("");
}

}  // namespace

bool canMakeCgroups() {
  if (skipWithoutRoot()) {
    return false;
  }
  const std::string trial = mountPoint() + '/' + uniqueName();
  if (mountPoint().empty() || ::mkdir(trial.c_str(), 0755) != 0) {
    skipBecause("no cgroup can be made here");
    return false;
  }
  ::rmdir(trial.c_str());
  return true;
}

ScopedCgroup::ScopedCgroup(const std::string& path) : path_(path) {
  const std::string mount = mountPoint();
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string directory = mount + path.substr(0, end);
    if (::mkdir(directory.c_str(), 0755) == 0) {
      made_.push_back(directory);
    } else if (errno != EEXIST) {
      throw std::system_error(errno, std::generic_category(), directory);
    }
    if (end == std::string::npos) {
      break;
    }
  }
  procs_ = mount + path + "/cgroup.procs";
}

ScopedCgroup::~ScopedCgroup() {
  for (auto directory = made_.rbegin(); directory != made_.rend(); ++directory) {
    // A process that has just been reaped may still be counted for a moment.
    for (int attempt = 0; attempt < 200 && ::rmdir(directory->c_str()) != 0 && errno == EBUSY;
         ++attempt) {
      ::usleep(1000);
    }
  }
}

bool ScopedCgroup::enter(pid_t pid) const noexcept {
  const UniqueFd file(::open(procs_.c_str(), O_WRONLY | O_CLOEXEC));
  char text[16];  // NOLINT: after fork(2) nothing may be allocated
  std::size_t length = 0;
  char digits[16];  // NOLINT: as above
  std::size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + pid % 10);
    pid /= 10;
  } while (pid > 0);
  while (count > 0) {
    text[length++] = digits[--count];
  }
  return file && ::write(file.get(), text, length) == static_cast<ssize_t>(length);
}

std::string uniqueName() {
  static std::atomic<unsigned> last{0};
  return "pp-test-" + std::to_string(::getpid()) + '-' + std::to_string(++last);
}

}  // namespace peerpool::testing
