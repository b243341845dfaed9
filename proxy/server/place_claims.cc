// Question, answer, question: each answer is posted to our loop, with the number of its question.

#include "proxy/server/place_claims.h"

#include <algorithm>
#include <utility>

#include "proxy/base/check.h"

namespace peerpool::server {
namespace {

// A candidate that got busy between the two questions is not the end.
constexpr std::size_t kMostAttempts = 3;

}  // namespace

class PlaceClaims::Deadline final : public event::Timer {
 public:
  explicit Deadline(PlaceClaims& claims) : event::Timer(claims.loop_.timers()), claims_(claims) {}

 private:
  void onTimer(TimePoint) override {
    claims_.finish(false);
    claims_.serve();
  }
  PlaceClaims& claims_;
};

PlaceClaims::PlaceClaims(event::EventLoop& loop, Workers workers, const Limits& limits)
    : loop_(loop),
      workers_(std::move(workers)),
      limits_(limits),
      deadline_(std::make_unique<Deadline>(*this)) {}

PlaceClaims::~PlaceClaims() = default;

bool PlaceClaims::accepts(uid_t newcomer) const noexcept {
  const auto own = std::count_if(waiting_.begin(), waiting_.end(), [newcomer](const Claim& claim) {
    return claim.newcomer == newcomer;
  });
  return waiting_.size() < limits_.claims && static_cast<std::size_t>(own) < limits_.per_newcomer;
}

void PlaceClaims::add(Claim claim) {
  check(accepts(claim.newcomer), "a claim is added that was not accepted");
  waiting_.push_back(std::move(claim));
  serve();
}

/// A claim may end at once, and its end may add another: the loop at the bottom of the stack goes
/// on with it.
void PlaceClaims::serve() {
  if (serving_) {
    return;
  }
  serving_ = true;
  while (!served_ && !waiting_.empty()) {
    served_.emplace(std::move(waiting_.front()));
    waiting_.pop_front();
    if (!start()) {
      finish(false);
    }
  }
  serving_ = false;
}

bool PlaceClaims::start() {
  std::optional<Due> due = served_->due();
  if (!due) {
    return false;
  }
  due_ = *std::move(due);
  const bool barren = loop_.now() < barren_until_ && due_.query.uid == barren_query_.uid &&
                      due_.query.listener == barren_query_.listener;
  if (barren) {
    return false;
  }
  attempts_ = 0;
  worker_ = 0;
  best_.reset();
  deadline_->set(loop_.now() + limits_.patience);
  ask();
  return true;
}

void PlaceClaims::ask() {
  workers_.find(worker_, due_.query,
                [this, round = ++round_](const std::optional<auth::PlaceCandidate>& candidate) {
                  loop_.post([this, round, candidate] { onFound(round, candidate); });
                });
}

void PlaceClaims::onFound(std::uint64_t round,
                          const std::optional<auth::PlaceCandidate>& candidate) {
  if (round != round_ || !served_) {
    return;
  }
  if (candidate && (!best_ || goesBefore(*candidate, *best_))) {
    best_ = candidate;
    best_worker_ = worker_;
  }
  if (++worker_ < workers_.count) {
    ask();
  } else if (best_) {
    takeBest();
  } else {
    barren_query_ = due_.query;
    barren_until_ = loop_.now() + limits_.barren;
    finish(false);
    serve();
  }
}

void PlaceClaims::takeBest() {
  workers_.take(best_worker_, best_->client, due_.limit,
                [this, round = ++round_](auth::ClientPlaces places) {
                  loop_.post([this, round, places = std::move(places)]() mutable {
                    onTaken(round, std::move(places));
                  });
                });
}

void PlaceClaims::onTaken(std::uint64_t round, auth::ClientPlaces places) {
  if (round != round_ || !served_) {
    return;  // Too late: the places are free for whoever comes.
  }
  const bool freed = static_cast<bool>(places.process);
  if (!freed && ++attempts_ < kMostAttempts) {
    worker_ = 0;
    best_.reset();
    ask();
    return;
  }
  places = {};
  finish(freed);
  serve();
}

void PlaceClaims::finish(bool freed) {
  ++round_;
  deadline_->cancel();
  const Claim claim = *std::exchange(served_, std::nullopt);
  claim.done(freed);
}

}  // namespace peerpool::server
