#include "config/read_process.h"

#include <array>
#include <utility>

#include "config/map_reader.h"
#include "config/paths.h"
#include "config/wording.h"

namespace peerpool::config {
namespace {

constexpr std::array<Word<IoEngine>, 3> kIoEngines = {
    {{"auto", IoEngine::Auto}, {"epoll", IoEngine::Epoll}, {"io_uring", IoEngine::IoUring}}};
constexpr std::array<Word<LogSeverity>, 4> kSeverities = {{{"debug", LogSeverity::Debug},
                                                           {"info", LogSeverity::Info},
                                                           {"warning", LogSeverity::Warning},
                                                           {"error", LogSeverity::Error}}};
constexpr std::array<Word<LogFormat>, 3> kFormats = {
    {{"text", LogFormat::Text}, {"json", LogFormat::Json}, {"journald", LogFormat::Journald}}};

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

struct LogPlace {
  LogTarget target = LogTarget::StandardError;
  std::string file;
};

std::optional<LogPlace> readLogPlace(const Value& value) {
  const std::optional<std::string> text = value.text();
  if (!text) {
    return std::nullopt;
  }
  if (*text == "stderr") {
    return LogPlace{LogTarget::StandardError, {}};
  }
  if (*text == "journal") {
    return LogPlace{LogTarget::Journal, {}};
  }
  if (*text == "syslog") {
    return LogPlace{LogTarget::Syslog, {}};
  }
  if (text->rfind("file:", 0) != 0 && text->front() != '/') {
    value.error("expected stderr, journal, syslog or \"file:/path\", found " + quoted(*text),
                "standard output stays empty; to: stderr is the default");
    return std::nullopt;
  }
  std::optional<std::string> path = fileReference(value);
  return path ? std::optional(LogPlace{LogTarget::File, *std::move(path)}) : std::nullopt;
}

/// The journal takes fields and nothing else; fields mean nothing to the other targets.
void checkTogether(const Value& value, const Logging& log) {
  if (log.format == LogFormat::Journald && log.target != LogTarget::Journal) {
    value.error("format: journald goes only to the journal", "add to: journal");
  }
  if (log.format != LogFormat::Journald && log.target == LogTarget::Journal) {
    value.error("to: journal takes no other format than journald",
                "leave format out; lines of text reach the journal by to: stderr");
  }
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
  const auto format = map.find("format");
  const auto written = format ? format->word(kFormats) : std::nullopt;
  const auto to = map.find("to");
  const auto place = to ? readLogPlace(*to) : LogPlace{};
  map.finish();
  if (place) {
    log.target = place->target;
    log.file = place->file;
  }
  const bool journal = log.target == LogTarget::Journal;
  log.format = written.value_or(journal ? LogFormat::Journald : LogFormat::Text);
  if (written && place) {
    checkTogether(*format, log);
  }
}

void readAuditing(const Value& value, Auditing& audit) {
  MapReader map(value, "audit");
  if (const auto place = map.require("to", "to: \"file:/var/log/peerpool/audit.jsonl\"")) {
    const std::optional<std::string> text = place->text();
    audit.journal = text == "journal";
    if (text == "stderr" || text == "syslog") {
      place->error("the audit log is a file of its own or the journal, found " + quoted(*text),
                   "to: \"file:/var/log/peerpool/audit.jsonl\"");
    } else if (!audit.journal) {
      audit.file = text ? fileReference(*place).value_or("") : "";
    }
  }
  map.read("required", audit.required, &Value::boolean);
  map.finish();
}

std::optional<Isolate> readIsolate(const Value& value) { return value.word(kIsolations); }

void readPool(const Value& value, Pool& pool) {
  const auto servers = [](std::size_t least) {
    return [least](const Value& v) { return v.number(least, kMostServers); };
  };
  MapReader map(value, "pool");
  map.read("mode", pool.mode, [](const Value& v) { return v.word(kPoolModes); });
  map.read("size", pool.size, servers(1));
  map.read("min_size", pool.min_size, servers(0));
  map.read("wait_timeout", pool.wait_timeout, &Value::duration);
  map.read("wait_notice", pool.wait_notice, &Value::durationOrOff);
  map.read("idle_timeout", pool.idle_timeout, &Value::duration);
  map.read("lifetime", pool.lifetime, &Value::duration);
  map.read("session_state", pool.session_state,
           [](const Value& v) { return v.word(kSessionStates); });
  map.read("isolate", pool.isolate, readIsolate);
  map.finish();
  if (pool.min_size > pool.size) {
    value.error("min_size is " + std::to_string(pool.min_size) + " and size only " +
                    std::to_string(pool.size),
                "min_size is at most size");
  }
}

}  // namespace peerpool::config
