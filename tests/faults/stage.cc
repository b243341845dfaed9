#include "tests/faults/stage.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "proxy/base/bytes.h"
#include "tests/support/raw_client.h"
#include "tests/support/socket_pair.h"

namespace peerpool::faults {
namespace {

constexpr std::size_t kPatience = 400;  // Turns, of which all but the first take 50 ms.

event::EventLoop::Options options(testing::ManualClock& clock, event::FlusherKind flusher) {
  event::EventLoop::Options made;
  made.arena_size = std::size_t{256} * 1024;
  made.flusher = flusher;
  made.batch_from = 1;
  made.clock = clock.reading();
  return made;
}

simulation::Shape shape() {
  simulation::Shape made;
  made.size_one = 1;
  made.places = 1;
  return made;
}

// How many messages of `type` are whole in `bytes`.
std::size_t countMessages(std::string_view bytes, char type) {
  std::size_t count = 0;
  while (bytes.size() >= 5) {
    const std::size_t length = readUint32(asBytes(bytes).subspan(1)) + std::size_t{1};
    if (bytes.size() < length) {
      break;
    }
    count += bytes[0] == type ? 1U : 0U;
    bytes.remove_prefix(length);
  }
  return count;
}

}  // namespace

std::string hello() {
  return testing::startupPacket(
      196608, {{"user", "shop"}, {"database", "one"}, {"application_name", "c1"}});
}

Stage::Stage(const std::string& backend_path, event::FlusherKind flusher)
    : backend_(backend_path),
      snapshot_(simulation::makeSnapshot(backend_path, shape())),
      live_(std::make_shared<std::atomic<std::size_t>>(0)),
      loop_(options(clock_, flusher)),
      directory_(*snapshot_->config, 1),
      frontend_(std::make_unique<postgres::Frontend>(surroundings_.services(loop_, directory_))) {}

Stage::~Stage() { frontend_.reset(); }

void Stage::turn(Duration time) {
  clock_.advance(time);
  {
    const Armed armed;
    loop_.turn(TimePoint::min());
  }
  backend_.step(clock_.now());
}

Stage::Client::Client(Stage& stage) : stage_(stage) {
  testing::SocketPair pair;
  fd_ = std::move(pair.theirs);
  auth::Admitted admitted = simulation::admit(++stage.last_client_, std::move(pair.ours),
                                              stage.snapshot_, stage.live_, stage.clock_.now());
  const Armed armed;
  stage.frontend_->admit(std::move(admitted));
}

void Stage::Client::send(std::string_view bytes) {
  if (fd_) {
    static_cast<void>(testing::sendSome(fd_.get(), bytes));
  }
}

bool Stage::Client::ask(std::string_view bytes, std::size_t count, char end) {
  inbox_.clear();
  send(bytes);
  for (std::size_t turns = 0; turns < kPatience; ++turns) {
    stage_.turn(Duration(turns < 20 ? 1 : 50));
    if (!read()) {
      return false;
    }
    if (countMessages(inbox_, end) >= count) {
      return true;
    }
  }
  FAIL("nobody answers");
  return false;
}

bool Stage::Client::read() {
  while (fd_) {
    const std::optional<std::string> some = testing::receiveSome(fd_.get());
    if (!some) {
      fd_.reset();
    } else if (some->empty()) {
      return true;
    } else {
      inbox_ += *some;
    }
  }
  return false;
}

void Stage::checkAllGone() {
  for (int round = 0; round < 60; ++round) {
    turn(Duration(round < 30 ? 100 : 2'000));
  }
  std::size_t left = 0;
  frontend_->forEachSession([&](const postgres::ClientSession&) { ++left; });
  frontend_->forEachStartup([&](const postgres::ClientStartup&) { ++left; });
  frontend_->forEachPool([&](const pool::PoolKey&, const pool::Pool&) { ++left; });
  REQUIRE(left == 0);
  REQUIRE(frontend_->settled());
  REQUIRE(directory_.budgetOf("main").taken() == 0);
  REQUIRE(*live_ == 0);
  REQUIRE(backend_.complaints.empty());
}

}  // namespace peerpool::faults
