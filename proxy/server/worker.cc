#include "proxy/server/worker.h"

#include <utility>

#include "proxy/base/check.h"
#include "proxy/postgres/frontend.h"
#include "proxy/server/key_derivation.h"
#include "proxy/server/worker_report.h"

namespace peerpool::server {
namespace {

// How often a stopping worker looks whether everybody is gone.
constexpr Duration kStopCheck{10};

}  // namespace

// Carries what a frontend wants of the others to their loops.
class Worker::Neighbourhood final : public postgres::Neighbours {
 public:
  explicit Neighbourhood(Worker& self) : self_(self) {}

  void moveClient(std::size_t worker, postgres::LoggedIn logged_in) override {
    check(worker < self_.all_.size() && worker != self_.index_, "a client moves to another worker");
    Worker& other = *self_.all_[worker];
    other.loop_.post([&other, client = std::move(logged_in)]() mutable {
      if (other.frontend_ != nullptr) {
        other.frontend_->take(std::move(client));
      }
    });
  }

  void askForPlace(const std::string& backend) override {
    forOthers([backend](postgres::Frontend& frontend) { frontend.evictIdle(backend); });
  }

  void offerPlace(const std::string& backend) override {
    forOthers([backend](postgres::Frontend& frontend) { frontend.retryStarved(backend); });
  }

  void cancel(const postgres::Canceller& canceller, std::function<void(bool)> answer) override {
    // Touched on our own thread only.
    struct Asked {
      std::function<void(bool)> answer;
      std::size_t outstanding;
      bool found = false;
    };
    const auto asked = std::make_shared<Asked>(Asked{std::move(answer), self_.all_.size()});
    const auto count = [asked](bool found) {
      asked->found = asked->found || found;
      if (--asked->outstanding == 0) {
        asked->answer(asked->found);
      }
    };
    for (const auto& other : self_.all_) {
      if (other.get() == &self_) {
        self_.loop_.post([count] { count(false); });
        continue;
      }
      other->loop_.post([worker = other.get(), &self = self_, canceller, count] {
        const bool found = worker->frontend_ != nullptr && worker->frontend_->cancelHere(canceller);
        self.loop_.post([count, found] { count(found); });
      });
    }
  }

 private:
  template <typename Work>
  void forOthers(const Work& work) {
    for (const auto& other : self_.all_) {
      if (other.get() != &self_) {
        other->loop_.post([worker = other.get(), work] {
          if (worker->frontend_ != nullptr) {
            work(*worker->frontend_);
          }
        });
      }
    }
  }

  Worker& self_;
};

// Ends the loop when all clients and servers are gone, or the grace is over.
class Worker::Stopper final : private event::Timer {
 public:
  Stopper(Worker& worker, TimePoint deadline)
      : event::Timer(worker.loop_.timers()), worker_(worker), deadline_(deadline) {
    set(worker.loop_.now());
  }

 private:
  void onTimer(TimePoint now) override {
    if (worker_.frontend_->settled() || now >= deadline_) {
      worker_.loop_.stop();
    } else {
      set(now + kStopCheck);
    }
  }

  Worker& worker_;
  TimePoint deadline_;
};

Worker::Worker(std::size_t index, const WorkerContext& context)
    : index_(index),
      context_(context),
      loop_(event::EventLoop::Options{.flusher = context.flusher}),
      neighbourhood_(std::make_unique<Neighbourhood>(*this)),
      keys_(std::make_unique<KeyDerivation>(loop_, context.resolver, context.credentials)) {}

Worker::~Worker() { check(!thread_.joinable(), "a worker is joined before it is destroyed"); }

void Worker::setPeers(std::span<const std::unique_ptr<Worker>> all) { all_ = all; }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::run() {
  frontend_ = std::make_unique<postgres::Frontend>(postgres::Frontend::Services{
      loop_, context_.log, context_.audit, context_.limit_hits, context_.limits, *keys_,
      context_.directory, *neighbourhood_, index_});
  loop_.run();
  stopper_.reset();
  frontend_.reset();
}

void Worker::requestStop(Duration grace) {
  loop_.post([this, grace] {
    frontend_->shutDown();
    stopper_ = std::make_unique<Stopper>(*this, loop_.now() + grace);
  });
}

void Worker::join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Worker::admit(auth::Admitted admitted) {
  loop_.post([this, client = std::move(admitted)]() mutable {
    frontend_->admit(std::move(client));
    drainNewcomers();
  });
}

void Worker::adopt(std::shared_ptr<const auth::Snapshot> snapshot) {
  loop_.post([this, next = std::move(snapshot)]() mutable { frontend_->adopt(std::move(next)); });
}

void Worker::drain(TimePoint deadline) {
  loop_.post([this, deadline] {
    drain_until_ = deadline;
    frontend_->drain(deadline);
  });
}

/// Who was in a backlog when the stop came has no more time to log in than those who were already
/// accepted. Once for all who come in one turn, since each time all clients are asked.
void Worker::drainNewcomers() {
  if (!drain_until_ || drain_again_) {
    return;
  }
  drain_again_ = true;
  loop_.post([this] {
    drain_again_ = false;
    frontend_->drain(*drain_until_);
  });
}

void Worker::findPlace(const auth::PlaceQuery& query,
                       std::function<void(std::optional<auth::PlaceCandidate>)> answer) {
  loop_.post([this, query, answer = std::move(answer)] { answer(frontend_->findPlace(query)); });
}

void Worker::takePlace(ClientId client, const auth::LimitReached& limit,
                       std::function<void(auth::ClientPlaces)> answer) {
  loop_.post([this, client, limit, answer = std::move(answer)] {
    answer(frontend_->takePlace(client, limit));
  });
}

void Worker::collect(std::function<void(admin::WorkerReport)> done) {
  loop_.post([this, done = std::move(done)] { done(makeReport(*frontend_, index_, loop_.now())); });
}

}  // namespace peerpool::server
