// The course of a run. The invariants are in invariants.cc.

#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

#include "tests/support/descriptors.h"
#include "tests/support/socket_pair.h"

namespace peerpool::simulation {
namespace {

constexpr std::size_t kMostClients = 12;
constexpr std::size_t kCalmTurns = 400;
constexpr std::size_t kPatience = 200;  // Turns, of clients that may wait in vain.
constexpr std::size_t kArena = std::size_t{256} * 1024;

}  // namespace

World::World(std::uint64_t seed, const std::string& backend_path, Tally& tally)
    : descriptors_before_(testing::countDescriptors()),
      chance_(seed),
      tally_(tally),
      backend_(backend_path),
      live_(std::make_shared<std::atomic<std::size_t>>(0)) {
  chooseTrouble();
  chooseShape();
  snapshot_ = snapshot_before_ = makeSnapshot(backend_.path(), shape_);
  event::EventLoop::Options options;
  options.arena_size = kArena;
  options.flusher = event::FlusherKind::Send;
  options.clock = clock_.reading();
  loop_ = std::make_unique<event::EventLoop>(options);
  directory_ = std::make_unique<postgres::PoolDirectory>(*snapshot_->config, 1);
  frontend_ = std::make_unique<postgres::Frontend>(surroundings_.services(*loop_, *directory_));
  backend_.on_login = [this] { return login(); };
}

World::~World() {
  clients_.clear();
  frontend_.reset();
}

void World::chooseShape() {
  const std::size_t mode = chance_.pick(10);
  shape_.mode = mode < 2   ? config::PoolMode::Session
                : mode < 3 ? config::PoolMode::Statement
                           : config::PoolMode::Transaction;
  shape_.size_one = chance_.between(1, 3);
  shape_.size_two = chance_.between(1, 3);
  shape_.min_size = chance_.percent(20) ? 1 : 0;
  shape_.places = chance_.between(2, 5);
  shape_.limits = chance_.percent(20);
  if (chance_.percent(10)) {
    shape_.clients = chance_.between(2, 4);
  }
  if (chance_.percent(10)) {
    shape_.servers_per_uid = chance_.between(1, 2);
  }
  const std::size_t revoke = chance_.pick(3);
  shape_.on_revoke = revoke == 0   ? config::OnRevoke::Close
                     : revoke == 1 ? config::OnRevoke::Drain
                                   : config::OnRevoke::Keep;
  manners_.limits = shape_.limits;
  shape_.limits = shape_.limits && (trouble_.reload == 0 || chance_.percent(50));
  manners_.session_pooling = shape_.mode == config::PoolMode::Session;
  manners_.statement_pooling = shape_.mode == config::PoolMode::Statement;
  manners_.honest_servers = trouble_.garbage == 0;
  manners_.steady_servers = manners_.honest_servers && trouble_.death == 0 && trouble_.login == 0 &&
                            trouble_.restart == 0;
}

void World::chooseTrouble() {
  switch (chance_.pick(6)) {
    case 0:  // Only clients are trouble.
      trouble_.late = chance_.percent(50);
      break;
    case 1:
      trouble_ = {3, 10, 5, 0, 0, 1, 5, true, 0, 0};
      break;
    case 2:
      trouble_ = {15, 10, 30, 3, 0, 1, 0, true, 0, 0};
      break;
    case 3:
      trouble_ = {1, 60, 10, 0, 0, 5, 0, true, 0, 0};
      break;
    case 4:
      trouble_ = {0, 0, 0, 0, 0, 15, 0, false, 0, 0};
      break;
    default:
      trouble_ = {3, 10, 20, 1, 20, 1, 0, true, 0, 0};
  }
  trouble_.reload = chance_.percent(30) ? 2 : 0;
  trouble_.audit = chance_.percent(5) ? 5 : 0;
}

void World::run() {
  const std::size_t length = chance_.between(20, 100);
  const std::size_t drain_in = chance_.percent(20) ? chance_.between(length / 2, length) : 0;
  while (turns_ < length) {
    if (turns_ + 1 == drain_in) {
      drain();
    }
    clock_.advance(Duration(chance_.percent(90) ? chance_.pick(10) : chance_.pick(4000)));
    for (std::size_t actions = chance_.between(1, 6); actions > 0; --actions) {
      act();
    }
    if (!trouble_.late) {
      backend_.step(clock_.now());
    }
    turn();
  }
  calmDown();
  checkNothingLeft();
  checkAllGone();
}

void World::act() {
  if (chance_.percent(trouble_.reload)) {
    reload();
  }
  if (chance_.percent(trouble_.audit)) {
    surroundings_.audit().setFull(!surroundings_.audit().full());
  }
  const std::size_t kind = chance_.pick(100);
  if (kind < 8 || clients_.empty()) {
    for (std::size_t count = chance_.percent(trouble_.flood) ? 8 : 1; count > 0; --count) {
      addClient();
    }
  } else if (kind < 60) {
    clients_[chance_.pick(clients_.size())]->act();
  } else if (kind < 90) {
    backend_.accept();
    if (testing::FakeSession* session = anySession()) {
      session->step(clock_.now(),
                    chance_.percent(20) ? chance_.between(1, 100) : std::size_t{1} << 20);
    }
  } else if (kind < 94) {
    backend_.step(clock_.now());
  } else {
    troubleServers();
  }
}

void World::addClient() {
  if (clients_.size() >= kMostClients) {
    return;
  }
  testing::SocketPair pair(chance_.percent(20) ? 4096 : 0);
  const std::uint64_t id = ++last_client_;
  // One may have been accepted before a reload and come after it.
  const auto& decided_by = chance_.percent(90) ? snapshot_ : snapshot_before_;
  frontend_->admit(admit(id, std::move(pair.ours), decided_by, live_, clock_.now()));
  clients_.push_back(std::make_unique<SimClient>(id, std::move(pair.theirs), manners_, chance_,
                                                 tally_, complaints_));
}

void World::troubleServers() {
  testing::FakeSession* session = anySession();
  if (session == nullptr) {
    return;
  }
  if (chance_.percent(trouble_.death)) {
    if (chance_.percent(50)) {
      session->dieSaying("57P01");
    } else {
      session->die();
    }
  } else if (chance_.percent(trouble_.freeze)) {
    frozen_ = true;
    session->freeze();
  } else if (chance_.percent(trouble_.stall) && !session->frozen()) {
    session->stall(clock_.now() + Duration(chance_.pick(3000)));
  } else if (chance_.percent(trouble_.garbage)) {
    constexpr std::string_view kTypes = "ZTDCES123GHdcAKRntV";
    std::string said = chance_.bytes(chance_.between(1, 30));
    if (chance_.percent(70)) {
      const std::string body = chance_.percent(50) ? "I" : chance_.bytes(chance_.pick(20));
      said = kTypes[chance_.pick(kTypes.size())] + std::string(3, '\0') +
             static_cast<char>(body.size() + 4) + body;
    }
    session->say(said);
  }
  if (chance_.percent(trouble_.restart)) {
    restartBackend();
  }
}

void World::restartBackend() {
  if (backend_.running()) {
    backend_.stop();
  } else {
    backend_.start();
  }
}

testing::FakeLogin World::login() {
  using testing::FakeLogin;
  if (!chance_.percent(trouble_.login)) {
    return FakeLogin::Accept;
  }
  constexpr FakeLogin kKinds[] = {FakeLogin::Refuse, FakeLogin::Starting, FakeLogin::Full,
                                  FakeLogin::Hang,   FakeLogin::Close,    FakeLogin::Garbage};
  return kKinds[chance_.pick(std::size(kKinds))];
}

testing::FakeSession* World::anySession() {
  auto& sessions = backend_.sessions();
  if (sessions.empty()) {
    return nullptr;
  }
  testing::FakeSession* session = sessions[chance_.pick(sessions.size())].get();
  return session->gone() ? nullptr : session;
}

void World::turn() {
  ++turns_;
  // Who loses the server that it was just given stands in the queue again, at its end.
  std::set<std::uint32_t> alive;
  for (const auto& session : backend_.sessions()) {
    if (!session->gone()) {
      alive.insert(session->pid());
    }
  }
  if (!std::includes(alive.begin(), alive.end(), alive_before_.begin(), alive_before_.end())) {
    queue_unsure_until_ = turns_ + 2;
  }
  alive_before_ = std::move(alive);
  loop_->turn(TimePoint::min());
  checkPools();
  checkLinks();
  checkQueue();
  checkBackend();
  checkSnapshots();
  checkRules();
  checkComplaints();
  turned_at_ = loop_->now();
  std::erase_if(clients_, [](const auto& client) { return client->over(); });
}

void World::calmDown() {
  const bool late = trouble_.late;  // Sessions of the backend may have outstayed their place.
  trouble_ = {};
  trouble_.late = late;
  if (!backend_.running()) {
    backend_.start();
  }
  for (std::size_t round = 0; !clients_.empty(); ++round) {
    if (round == kCalmTurns) {
      broken("nobody hangs", clients_.front()->describe());
    }
    // At first too little time passes for any limit to help.
    clock_.advance(Duration(round < 50 ? 5 : 100));
    for (const auto& session : backend_.sessions()) {
      if (!session->frozen()) {
        session->stall(TimePoint::min());
      }
    }
    backend_.step(clock_.now());
    for (const auto& client : clients_) {
      client->calm(frozen_ && round > kPatience);
    }
    turn();
  }
}

}  // namespace peerpool::simulation
