#include "proxy/observe/audit_target.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "proxy/base/unique_fd.h"
#include "proxy/observe/append_file.h"
#include "proxy/observe/audit_chain.h"
#include "proxy/observe/audit_journal.h"

namespace peerpool::observe {
namespace {

/// The last line, and what a crash may have left of another one.
constexpr std::size_t kTail = 2 * kMaxAuditLine;

class FileTarget final : public AuditTarget {
 public:
  explicit FileTarget(const std::string& path) : file_(path, "audit log") {}

  std::string record(const AuditEvent& event, const std::string& line) const override {
    (void)event;
    return line + '\n';
  }
  void append(std::string_view records, std::size_t& written) override {
    file_.append(records, written);
  }
  void reopen() override { file_.reopen(); }
  std::string lastBytes() const override { return file_.tail(kTail); }
  const std::string& name() const noexcept override { return file_.path(); }

 private:
  AppendFile file_;
};

class JournalTarget final : public AuditTarget {
 public:
  explicit JournalTarget(std::string path)
      : path_(std::move(path)), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (!fd_) {
      fail(errno);
    }
    address_.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address_.sun_path) {
      fail(ENAMETOOLONG);
    }
    std::memcpy(address_.sun_path, path_.data(), path_.size());
    // Whether anybody is there; who comes back later is found by the next sendto().
    const UniqueFd probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!probe || ::connect(probe.get(), address(), sizeof address_) != 0) {
      fail(errno);
    }
    const timeval patience{0, 500'000};  // A journal that hangs has failed, and is tried again.
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  std::string record(const AuditEvent& event, const std::string& line) const override {
    return auditJournalRecord(event, line) + '\n';
  }

  void append(std::string_view records, std::size_t& written) override {
    written = 0;
    while (written < records.size()) {
      const std::string_view rest = records.substr(written);
      const std::size_t size = rest.find("\n\n") + 1;  // Fields have no empty lines.
      send(rest.substr(0, size));
      written += size + 1;
    }
  }
  void reopen() override {}
  std::string lastBytes() const override { return {}; }
  const std::string& name() const noexcept override { return path_; }

 private:
  [[nodiscard]] const sockaddr* address() const noexcept {
    return reinterpret_cast<const sockaddr*>(&address_);
  }

  void send(std::string_view record) {
    const ssize_t sent =
        ::sendto(fd_.get(), record.data(), record.size(), MSG_NOSIGNAL, address(), sizeof address_);
    if (sent < 0 && errno == EMSGSIZE) {
      sendAsFile(record);
    } else if (sent < 0) {
      fail(errno);
    }
  }

  /// What no datagram can hold goes as a sealed file in memory, as the protocol has it.
  void sendAsFile(std::string_view record) {
    const UniqueFd file(::memfd_create("audit", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file ||
        ::write(file.get(), record.data(), record.size()) != static_cast<ssize_t>(record.size()) ||
        ::fcntl(file.get(), F_ADD_SEALS,
                F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
      fail(errno);
    }
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_name = &address_;
    message.msg_namelen = sizeof address_;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = file.get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    if (::sendmsg(fd_.get(), &message, MSG_NOSIGNAL) < 0) {
      fail(errno);
    }
  }

  [[noreturn]] void fail(int error) const {
    throw std::system_error(error, std::generic_category(), "audit log to the journal at " + path_);
  }

  std::string path_;
  UniqueFd fd_;
  sockaddr_un address_{};
};

}  // namespace

std::unique_ptr<AuditTarget> makeAuditFile(const std::string& path) {
  return std::make_unique<FileTarget>(path);
}

std::unique_ptr<AuditTarget> makeAuditJournal(const std::string& socket) {
  return std::make_unique<JournalTarget>(socket);
}

}  // namespace peerpool::observe
