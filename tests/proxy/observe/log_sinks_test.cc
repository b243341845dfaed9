// Rings, the writer's thread, and files.

#include "proxy/observe/log_sinks.h"

#include <catch2/catch.hpp>
#include <future>
#include <stdexcept>
#include <system_error>

#include "proxy/observe/log_line.h"

namespace peerpool::observe {
namespace {

using namespace std::chrono_literals;

/// Keeps lines for the test. Holds the writer's thread until opened, when asked to.
class Collector final : public LogWriter {
 public:
  struct Shared {
    std::mutex mutex;
    std::vector<std::string> lines;
    std::size_t failures = 0;  // So many writes throw first.
    std::promise<void> entered;
    std::shared_future<void> gate;
    bool gated = false;
  };
  explicit Collector(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  void write(const LogEntry& entry) override {
    if (shared_->gated && !waited_) {
      waited_ = true;
      shared_->entered.set_value();
      shared_->gate.wait();
    }
    const std::lock_guard lock(shared_->mutex);
    if (shared_->failures > 0) {
      --shared_->failures;
      throw std::runtime_error("disk full");
    }
    shared_->lines.push_back(formatLine(entry.event, entry.when));
  }

 private:
  std::shared_ptr<Shared> shared_;
  bool waited_ = false;
};

LogEvent numbered(std::size_t number) {
  return {LogLevel::Info, "event", {{"number", std::to_string(number)}}};
}

TEST_CASE("Events of one thread come in their order, below the level none") {
  auto shared = std::make_shared<Collector::Shared>();
  LogSink sink(LogLevel::Info, std::make_unique<Collector>(shared), {});
  CHECK_FALSE(sink.wants(LogLevel::Debug));
  CHECK(sink.wants(LogLevel::Error));
  sink.write({LogLevel::Debug, "not wanted", {}});
  for (std::size_t i = 0; i < 100; ++i) {
    sink.write(numbered(i));
  }
  sink.flush();
  const std::lock_guard lock(shared->mutex);
  REQUIRE(shared->lines.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(shared->lines[i].ends_with(" INFO  event number=" + std::to_string(i)));
  }
}

TEST_CASE("Many threads lose nothing while their rings have room") {
  auto shared = std::make_shared<Collector::Shared>();
  constexpr std::size_t kThreads = 12;
  constexpr std::size_t kEvents = 1000;
  {
    // Should all threads meet in one ring, it still has room for everything.
    LogSink sink(LogLevel::Info, std::make_unique<Collector>(shared),
                 {kThreads * kEvents, 1 << 20});
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&sink] {
        for (std::size_t number = 0; number < kEvents; ++number) {
          sink.write(numbered(number));
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    CHECK(sink.dropped() == 0);
  }
  CHECK(shared->lines.size() == kThreads * kEvents);
}

TEST_CASE("A full ring drops, counts, and says so later") {
  auto shared = std::make_shared<Collector::Shared>();
  std::promise<void> gate;
  shared->gate = gate.get_future().share();
  shared->gated = true;
  std::future<void> entered = shared->entered.get_future();
  {
    LogSink sink(LogLevel::Info, std::make_unique<Collector>(shared), {4, 1 << 20});
    sink.write(numbered(0));
    entered.wait();  // The writer holds event 0; the ring is empty.
    for (std::size_t i = 1; i <= 10; ++i) {
      sink.write(numbered(i));
    }
    CHECK(sink.dropped() == 6);
    gate.set_value();
    sink.flush();
  }
  REQUIRE(shared->lines.size() == 6);
  CHECK(std::count_if(shared->lines.begin(), shared->lines.end(), [](const std::string& line) {
          return line.ends_with(" WARN  log events dropped count=6");
        }) == 1);
}

TEST_CASE("A ring bounds bytes as well as events") {
  LogRing ring(10, 100);
  const auto entry = [](std::size_t size) {
    return LogEntry{0, {}, {LogLevel::Info, "event", {{"text", std::string(size, 'x')}}}};
  };
  CHECK_FALSE(ring.push(entry(101)));
  CHECK(ring.push(entry(60)));
  CHECK_FALSE(ring.push(entry(41)));
  CHECK(ring.push(entry(40)));
  std::vector<LogEntry> out;
  ring.drainInto(out);
  CHECK(out.size() == 2);
  CHECK(ring.push(entry(100)));
}

TEST_CASE("A writer that fails costs its lines only") {
  auto shared = std::make_shared<Collector::Shared>();
  shared->failures = 2;  // The event, and the first report about it.
  LogSink sink(LogLevel::Info, std::make_unique<Collector>(shared), {});
  sink.write(numbered(0));
  sink.flush();
  CHECK(sink.dropped() == 1);
  sink.write(numbered(1));
  sink.flush();
  const std::lock_guard lock(shared->mutex);
  REQUIRE(shared->lines.size() == 2);
  CHECK(shared->lines[0].ends_with("event number=1"));
  CHECK(shared->lines[1].ends_with("log events dropped count=1"));
}

}  // namespace
}  // namespace peerpool::observe
