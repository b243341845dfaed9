// One piece of work that goes to a loop: called once, moved, never copied.

#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace peerpool::event {

/// Holds any callable without arguments. Unlike std::function it may own what cannot be copied: a
/// descriptor on its way to another worker is closed when the work is dropped.
class Job {
 public:
  template <typename Callable,
            typename = std::enable_if_t<!std::is_same_v<std::decay_t<Callable>, Job>>>
  Job(Callable&& work)  // NOLINT: implicit, so that lambdas can be posted
      : holder_(std::make_unique<Holding<std::decay_t<Callable>>>(std::forward<Callable>(work))) {}

  void operator()() { holder_->run(); }

 private:
  class Holder {
   public:
    virtual ~Holder() = default;
    virtual void run() = 0;
  };
  template <typename Callable>
  class Holding final : public Holder {
   public:
    explicit Holding(const Callable& work) : work_(work) {}
    explicit Holding(Callable&& work) : work_(std::move(work)) {}
    void run() override { work_(); }

   private:
    Callable work_;
  };

  std::unique_ptr<Holder> holder_;
};

}  // namespace peerpool::event
