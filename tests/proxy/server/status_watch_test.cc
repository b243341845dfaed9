// A status socket whose loop can't watch one more descriptor: the connection is lost, the process
// is not.

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstddef>
#include <future>
#include <iostream>
#include <thread>

#include "proxy/net/address.h"
#include "proxy/server/status_socket.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

// From now on EPOLL_CTL_ADD fails on this thread, as it does at fs.epoll.max_user_watches. False:
// not possible here.
bool refuseWatches() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_ctl, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, EPOLL_CTL_ADD, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSPC),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

}  // namespace

TEST_CASE("A connection that can't be watched is closed, and the loop goes on") {
  const testing::TempDir directory;
  const std::string path = directory / "status.sock";
  event::EventLoop loop({std::size_t{1} << 20, event::FlusherKind::Send});
  StatusSocket socket(loop, path,
                      [](const std::string&, const AuditPeer&, const StatusSocket::Answer& answer) {
                        answer("{}");
                      },
                      {});
  std::promise<bool> refused;
  std::thread thread([&] {
    refused.set_value(refuseWatches());
    loop.run();
  });
  if (refused.get_future().get()) {
    // More than may be connected at once: a lost one leaves no place behind that is taken.
    for (int i = 0; i < 20; ++i) {
      const net::UnixAddress address(path);
      const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      CHECK(::connect(fd.get(), address.get(), address.size()) == 0);
      char byte = 0;
      CHECK(::recv(fd.get(), &byte, 1, 0) == 0);
    }
  } else {
    std::cout << "SKIPPED: no seccomp filter possible\n";
  }
  loop.stop();
  thread.join();
}

}  // namespace peerpool::server
