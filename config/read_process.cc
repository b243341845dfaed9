#include "config/read_process.h"

#include <array>

#include "config/map_reader.h"
#include "config/paths.h"

namespace peerpool::config {
namespace {

constexpr std::array<Word<IoEngine>, 3> kIoEngines = {
    {{"auto", IoEngine::Auto}, {"epoll", IoEngine::Epoll}, {"io_uring", IoEngine::IoUring}}};
constexpr std::array<Word<LogSeverity>, 4> kSeverities = {{{"debug", LogSeverity::Debug},
                                                           {"info", LogSeverity::Info},
                                                           {"warning", LogSeverity::Warning},
                                                           {"error", LogSeverity::Error}}};
constexpr std::array<Word<bool>, 1> kFormats = {{{"text", true}}};
constexpr std::array<Word<PoolMode>, 3> kPoolModes = {{{"session", PoolMode::Session},
                                                       {"transaction", PoolMode::Transaction},
                                                       {"statement", PoolMode::Statement}}};

constexpr std::size_t kMostWorkers = 64;
constexpr std::size_t kMostClients = 1'000'000;
constexpr std::size_t kMostServers = 100'000;

std::optional<std::size_t> readWorkers(const Value& value) {
  const std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  return *text == "auto" ? std::optional<std::size_t>(0) : value.number(1, kMostWorkers);
}

std::optional<std::string> readLogTarget(const Value& value) {
  const std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  return *text == "stderr" ? std::optional<std::string>("") : fileReference(value);
}

}  // namespace

void readProcess(const Value& value, Process& process) {
  MapReader map(value, "process");
  map.read("workers", process.workers, readWorkers);
  map.read("io_engine", process.io_engine, [](const Value& v) { return v.word(kIoEngines); });
  map.read("max_clients", process.max_clients,
           [](const Value& v) { return v.number(1, kMostClients); });
  map.read("shutdown_timeout", process.shutdown_timeout, &Value::duration);
  map.finish();
}

void readLogging(const Value& value, Logging& log) {
  MapReader map(value, "log");
  map.read("level", log.level, [](const Value& v) { return v.word(kSeverities); });
  bool is_text = true;
  map.read("format", is_text, [](const Value& v) { return v.word(kFormats); });
  map.read("to", log.file, readLogTarget);
  map.finish();
}

void readPool(const Value& value, Pool& pool) {
  const auto servers = [](std::size_t least) {
    return [least](const Value& v) { return v.number(least, kMostServers); };
  };
  MapReader map(value, "pool");
  map.read("mode", pool.mode, [](const Value& v) { return v.word(kPoolModes); });
  map.read("size", pool.size, servers(1));
  map.read("min_size", pool.min_size, servers(0));
  map.read("wait_timeout", pool.wait_timeout, &Value::duration);
  map.read("idle_timeout", pool.idle_timeout, &Value::duration);
  map.read("lifetime", pool.lifetime, &Value::duration);
  map.finish();
  if (pool.min_size > pool.size) {
    value.error("min_size is " + std::to_string(pool.min_size) + " and size only " +
                    std::to_string(pool.size),
                "min_size is at most size");
  }
}

}  // namespace peerpool::config
