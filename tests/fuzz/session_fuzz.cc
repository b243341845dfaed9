// A whole service under hostile bytes from both sides: the input says who says what, who hangs up,
// and how much time passes. Whatever happens, nobody crashes, everything that was taken is given
// back, and what a server says while nobody is linked to it reaches no client.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "proxy/base/check.h"
#include "proxy/event/event_loop.h"
#include "proxy/postgres/frontend.h"
#include "tests/simulation/surroundings.h"
#include "tests/support/manual_clock.h"
#include "tests/support/socket_pair.h"
#include "tests/support/temp_dir.h"

using namespace peerpool;
using postgres::ServerSession;

namespace {

constexpr std::size_t kMostClients = 6;
constexpr std::size_t kMostMemory = std::size_t{1} << 20;  // Of what one client may be sent.
constexpr std::string_view kMarker = "\x01#unlinked#";

/// Takes the input apart.
class Script {
 public:
  explicit Script(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] bool over() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) {
      return 0;
    }
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  std::string_view bytes() {
    const std::size_t count = std::min<std::size_t>(byte(), rest_.size());
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return asText(taken);
  }

 private:
  ByteView rest_;
};

std::string message(char type, std::string_view body) {
  std::string out(1, type);
  appendUint32(out, static_cast<std::uint32_t>(body.size() + 4));
  return out.append(body);
}

std::string startup(bool first_database) {
  std::string body;
  appendUint32(body, 196608);
  body.append("user\0shop\0database\0", 19);
  body.append(first_database ? "one" : "two", 4);
  body.append("application_name\0a\0\0", 20);
  std::string out;
  appendUint32(out, static_cast<std::uint32_t>(body.size() + 4));
  return out + body;
}

const std::vector<std::string>& clientWords() {
  static const std::vector<std::string> words{
      startup(true),
      startup(false),
      message('Q', std::string_view("SELECT 1\0", 9)),
      message('P', std::string_view("\0SELECT 1\0\0\0", 12)) +
          message('B', std::string_view("\0\0\0\0\0\0\0\0", 8)) +
          message('E', std::string_view("\0\0\0\0\0", 5)),
      message('S', ""),
      message('P', std::string_view("name\0SELECT 1\0\0\0", 16)),
      message('d', "a line\n"),
      message('c', ""),
      message('X', ""),
      std::string("Q\0\x01\0\0half", 9)};
  return words;
}

const std::vector<std::string>& serverWords() {
  static const std::vector<std::string> words{
      message('R', std::string_view("\0\0\0\0", 4)) +
          message('S', std::string_view("is_superuser\0off\0", 17)) +
          message('S', std::string_view("application_name\0\0", 18)) +
          message('K', std::string_view("\0\0\0\1keys", 8)) + message('Z', "I"),
      message('C', std::string_view("SET\0", 4)) + message('Z', "I"),
      message('C', std::string_view("SELECT 1\0", 9)),
      message('Z', "I"),
      message('Z', "T"),
      message('Z', "E"),
      message('E', std::string_view("SERROR\0VERROR\0C22012\0Mno\0\0", 26)),
      message('E', std::string_view("SFATAL\0VFATAL\0C57P01\0Mno\0\0", 26)),
      message('G', std::string_view("\0\0\0", 3)),
      message('S', std::string_view("is_superuser\0on\0", 16)),
      message('D', std::string(3000, 'x')),
      std::string("D\0\x01\0\0half", 9)};
  return words;
}

class Service {
 public:
  explicit Service(const std::string& path)
      : path_(path), live_(std::make_shared<std::atomic<std::size_t>>(0)) {
    listen();
    event::EventLoop::Options options;
    options.arena_size = std::size_t{256} * 1024;
    options.flusher = event::FlusherKind::Send;
    options.clock = clock_.reading();
    simulation::Shape shape;
    shape.size_one = shape.size_two = 1;
    shape.places = 2;
    shape.limits = true;
    snapshot_ = simulation::makeSnapshot(path, shape);
    loop_ = std::make_unique<event::EventLoop>(options);
    directory_ = std::make_unique<postgres::PoolDirectory>(*snapshot_->config, 1);
    frontend_ = std::make_unique<postgres::Frontend>(surroundings_.services(*loop_, *directory_));
  }
  ~Service() {
    frontend_.reset();
    ::unlink(path_.c_str());
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void run(Script script) {
    while (!script.over()) {
      act(script);
      turn();
    }
    clients_.clear();
    for (int round = 0; round < 40; ++round) {
      servers_.clear();
      clock_.advance(Duration(round < 20 ? 300 : 4'000));
      turn();
    }
    std::size_t left = 0;
    frontend_->forEachSession([&](const postgres::ClientSession&) { ++left; });
    frontend_->forEachStartup([&](const postgres::ClientStartup&) { ++left; });
    frontend_->forEachPool([&](const pool::PoolKey&, const pool::Pool&) { ++left; });
    check(left == 0 && frontend_->settled(), "something is left");
    check(directory_->budgetOf("main").taken() == 0 && *live_ == 0, "something is not given back");
  }

 private:
  void listen() {
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    check(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
              ::listen(listener_.get(), 16) == 0,
          "no backend");
  }

  void act(Script& script) {
    const std::uint8_t action = script.byte();
    const std::size_t whom = action >> 4U;
    switch (action & 0x0fU) {
      case 0:
        return addClient();
      case 1:
        return say(clients_, whom, script.bytes());
      case 2:
      case 3:
        return say(clients_, whom, clientWords()[script.byte() % clientWords().size()]);
      case 4:
        return say(servers_, whom, script.bytes());
      case 5:
      case 6:
        return say(servers_, whom, serverWords()[script.byte() % serverWords().size()]);
      case 7:
        return hangUp(clients_, whom);
      case 8:
        return hangUp(servers_, whom);
      case 9:
        return clock_.advance(Duration(script.byte() * 20));
      case 10:
        return sayUnlinked();
      case 11:
        silent_ = !silent_;  // Clients read nothing for a while.
        return;
      default:
        return;
    }
  }

  void addClient() {
    if (clients_.size() < kMostClients) {
      testing::SocketPair pair(4096);
      frontend_->admit(
          simulation::admit(++last_client_, std::move(pair.ours), snapshot_, live_, clock_.now()));
      clients_.push_back(std::move(pair.theirs));
    }
  }

  static void say(std::vector<UniqueFd>& ends, std::size_t whom, std::string_view bytes) {
    if (!ends.empty()) {
      testing::sendSome(ends[whom % ends.size()].get(), bytes);
    }
  }

  static void hangUp(std::vector<UniqueFd>& ends, std::size_t whom) {
    if (!ends.empty()) {
      ends.erase(ends.begin() + static_cast<std::ptrdiff_t>(whom % ends.size()));
    }
  }

  /// Only when no server at all is linked: which descriptor is whose is not known here.
  void sayUnlinked() {
    bool linked = false;
    frontend_->forEachServer([&](const pool::PoolKey&, const ServerSession& server) {
      linked = linked || server.state() == ServerSession::State::Linked;
    });
    if (!linked) {
      for (const UniqueFd& server : servers_) {
        testing::sendSome(server.get(), kMarker);
      }
    }
  }

  void turn() {
    loop_->turn(TimePoint::min());
    while (servers_.size() < kMostClients) {
      UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd) {
        break;
      }
      servers_.push_back(std::move(fd));
    }
    for (const UniqueFd& server : servers_) {
      static_cast<void>(testing::receiveSome(server.get()));
    }
    for (const UniqueFd& client : clients_) {
      if (!silent_) {
        const std::string got = testing::receiveAll(client.get());
        check(got.find(kMarker) == std::string::npos, "bytes of an unlinked server");
        check(got.size() < kMostMemory, "more than anybody said");
      }
    }
  }

  std::string path_;
  testing::ManualClock clock_;
  UniqueFd listener_;
  std::vector<UniqueFd> servers_;
  std::vector<UniqueFd> clients_;
  std::shared_ptr<const auth::Snapshot> snapshot_;
  simulation::Surroundings surroundings_;
  std::shared_ptr<std::atomic<std::size_t>> live_;
  std::unique_ptr<event::EventLoop> loop_;
  std::unique_ptr<postgres::PoolDirectory> directory_;
  std::unique_ptr<postgres::Frontend> frontend_;
  std::uint64_t last_client_ = 0;
  bool silent_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::TempDir directory;
  const ByteView input(data, size);
  if (asText(input).find("unlinked") != std::string_view::npos) {
    return 0;  // A startup parameter of that name would come back in an error.
  }
  Service(directory / "backend").run(Script(input));
  return 0;
}
