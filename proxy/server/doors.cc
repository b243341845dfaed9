// Prepare all, put all in place, and only then let go of what was there.

#include "proxy/server/doors.h"

#include <algorithm>
#include <utility>

#include "proxy/server/door.h"

namespace peerpool::server {

/// One plan on its way.
struct Doors::Step {
  const DoorPlan* plan = nullptr;
  Door* present = nullptr;     // At the same path.
  std::unique_ptr<Door> made;  // Null: the one that is there stays as it is.
};

/// A door whose file is gone: accepts the last, then goes too.
class Doors::Retired final : public event::Deletable, private event::Timer {
 public:
  Retired(Doors& doors, std::unique_ptr<Door> door)
      : event::Timer(doors.loop_.timers()), doors_(doors), door_(std::move(door)) {
    door_->kept_out.reset();
    door_->file.reset();
    set(doors_.loop_.now() + kLinger);
  }

 private:
  void onTimer(TimePoint /*now*/) override {
    door_->listener->acceptBacklog();
    const auto self =
        std::find_if(doors_.retired_.begin(), doors_.retired_.end(),
                     [this](const std::unique_ptr<Retired>& one) { return one.get() == this; });
    doors_.loop_.deleteLater(std::move(*self));
    doors_.retired_.erase(self);
  }

  Doors& doors_;
  std::unique_ptr<Door> door_;
};

Doors::Doors(event::EventLoop& loop, Log& log, OnAccepted on_accepted, OnExhausted on_exhausted,
             OnDrift on_drift)
    : event::Timer(loop.timers()),
      loop_(loop),
      log_(log),
      on_accepted_(std::move(on_accepted)),
      on_exhausted_(std::move(on_exhausted)),
      on_drift_(std::move(on_drift)),
      watch_(loop, [this] { set(std::max(loop_.now(), looked_ + kPause)); }) {}

Doors::~Doors() = default;

void Doors::listen(Door& door, UniqueFd socket) {
  door.listener = std::make_unique<net::Listener>(
      loop_, std::move(socket),
      net::Listener::Callbacks{
          [this, &door](UniqueFd fd) { on_accepted_(std::move(fd), door.name); },
          [this, &door](int error) { on_exhausted_(error, door.name); }});
}

void Doors::adopt(const std::string& listener, const std::string& path, UniqueFd socket) {
  auto door = std::make_unique<Door>();
  door->name = listener;
  door->path = path;
  listen(*door, std::move(socket));
  doors_.push_back(std::move(door));
}

std::vector<Doors::Step> Doors::prepare(const std::vector<DoorPlan>& plans) {
  std::vector<Step> steps;
  for (const DoorPlan& plan : plans) {
    Step& step = steps.emplace_back();
    step.plan = &plan;
    const auto present = std::find_if(
        doors_.begin(), doors_.end(),
        [&](const std::unique_ptr<Door>& door) { return door->path == plan.file.path; });
    step.present = present == doors_.end() ? nullptr : present->get();
    if (step.present != nullptr && step.present->serves(plan)) {
      continue;
    }
    step.made = std::make_unique<Door>();
    step.made->path = plan.file.path;
    step.made->file = net::SocketFile::prepare(
        plan.file, step.present == nullptr ? nullptr : step.present->file.get());
  }
  return steps;
}

void Doors::open(const std::vector<DoorPlan>& plans) {
  std::vector<Step> steps = prepare(plans);
  for (Step& step : steps) {
    if (step.made != nullptr) {
      listen(*step.made, step.made->file->takeSocket());
    }
  }
  try {
    for (Step& step : steps) {
      if (step.made != nullptr) {
        step.made->file->publish();
      }
    }
  } catch (...) {
    // Before the sockets close, or who connects meanwhile would be refused by a file that is there.
    for (Step& step : steps) {
      if (step.made != nullptr) {
        step.made->file.reset();
      }
    }
    throw;
  }
  std::vector<std::unique_ptr<Door>> before = std::exchange(doors_, {});
  for (Step& step : steps) {
    std::unique_ptr<Door> door = std::move(step.made);
    if (door != nullptr) {
      door->file->settle();
      for (const std::string& warning : door->file->warnings()) {
        log_.write({LogLevel::Warning,
                    "listener",
                    {{"listener", step.plan->listener}, {"warning", warning}}});
      }
    } else {
      door = std::move(*std::find_if(
          before.begin(), before.end(),
          [&](const std::unique_ptr<Door>& one) { return one.get() == step.present; }));
    }
    door->name = step.plan->listener;
    door->repair = step.plan->repair;
    doors_.push_back(std::move(door));
  }
  for (std::unique_ptr<Door>& door : before) {
    if (door != nullptr) {
      retire(std::move(door));
    }
  }
  watchFiles();
}

bool Doors::keepOutFlood(const std::string& listener, uid_t uid) {
  const auto found =
      std::find_if(doors_.begin(), doors_.end(),
                   [&](const std::unique_ptr<Door>& door) { return door->name == listener; });
  if (found == doors_.end() || (*found)->file == nullptr ||
      (*found)->listener->acceptedInARow() < kBehind) {
    return false;
  }
  Door& door = **found;
  if (door.kept_out == nullptr) {
    door.kept_out = std::make_unique<KeptOut>(loop_, *door.file, log_);
  }
  return door.kept_out->add(uid);
}

void Doors::close() {
  cancel();
  watch_.watch({});
  for (std::unique_ptr<Door>& door : std::exchange(doors_, {})) {
    retire(std::move(door));
  }
}

void Doors::retire(std::unique_ptr<Door> door) {
  retired_.push_back(std::make_unique<Retired>(*this, std::move(door)));
}

}  // namespace peerpool::server
