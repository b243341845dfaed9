// A cluster is copied from a template that initdb makes once for each build directory.

#include "tests/support/postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace peerpool::testing {
namespace {

// Nothing is ever kept, so nothing is ever synced; connections are logged for the tests to count.
constexpr const char* kSettings = R"(
listen_addresses = ''
max_connections = 100
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
autovacuum = off
log_connections = on
log_line_prefix = '%m [%p] %u@%d '
timezone = 'UTC'
)";

std::string binaryDirectory() {
  namespace fs = std::filesystem;
  std::error_code error;
  int newest = 0;
  std::string found;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > newest && fs::exists(entry.path() / "bin/postgres")) {
      newest = version;
      found = entry.path() / "bin";
    }
  }
  if (found.empty()) {
    throw std::runtime_error("no PostgreSQL server below /usr/lib/postgresql");
  }
  return found;
}

void mustRun(const Command& command) {
  const Finished finished = run(command);
  if (!finished.ok()) {
    throw std::runtime_error(command.arguments[0] + ": " + finished.describe());
  }
}

std::string accountOfServers() {
  if (!canSwitchUser()) {
    return "";
  }
  // Not nobody: the kernel uses its number for "somebody who has no number here".
  return accountCredentials("postgres") ? "postgres" : "daemon";
}

void giveTo(const std::string& path, const std::optional<Credentials>& owner) {
  if (owner && ::chown(path.c_str(), owner->uid, owner->gid) != 0) {
    throw std::runtime_error("chown " + path);
  }
}

// Returns the template's path. initdb refuses to run as root and its account may not reach the
// build directory, so it works in a scratch directory and the result is copied.
std::string templateCluster(const std::optional<Credentials>& owner) {
  const std::string final_path = std::string(PEERPOOL_BINARY_DIR) + "/postgres-template-" +
                                 std::to_string(owner ? owner->uid : ::geteuid());
  const UniqueFd lock(::open((final_path + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) {
    throw std::runtime_error("cannot lock " + final_path);
  }
  if (exists(final_path)) {
    return final_path;
  }
  const TempDir scratch;
  giveTo(scratch.path(), owner);
  mustRun({{postgresProgram("initdb"), "--no-sync", "--auth=trust", "--username=postgres",
            "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1", "--pgdata", scratch / "data"},
           owner});
  std::filesystem::remove_all(final_path + ".part");
  mustRun({{"cp", "-a", scratch / "data", final_path + ".part"}});
  std::filesystem::rename(final_path + ".part", final_path);
  return final_path;
}

}  // namespace

std::string postgresProgram(const std::string& name) { return binaryDirectory() + '/' + name; }

Postgres::Postgres(const Options& options) : account_(accountOfServers()) {
  if (!account_.empty()) {
    run_as_ = accountCredentials(account_);
  } else {
    account_ = std::to_string(::geteuid());
  }
  const std::string data = directory_ / "data";
  mustRun({{"cp", "-a", "--reflink=auto", templateCluster(run_as_), data}});
  std::filesystem::create_directory(socketDirectory());
  giveTo(socketDirectory(), run_as_);
  writeFile(data + "/postgresql.conf", kSettings + std::string("unix_socket_directories = '") +
                                           socketDirectory() + "'\n" + options.settings + '\n');
  writeFile(data + "/pg_hba.conf", "local all postgres trust\n" + options.access);
  writeFile(data + "/pg_ident.conf", options.identities);
  start();
}

Postgres::~Postgres() {
  if (process_) {
    thawAll();
    process_->signal(SIGQUIT);  // Immediate shutdown.
    process_->wait();
  }
}

void Postgres::start() {
  process_ = std::make_unique<Process>(
      Command{{postgresProgram("postgres"), "-D", directory_ / "data"}, run_as_});
  const std::string conninfo = "host=" + socketDirectory() + " user=postgres dbname=postgres";
  const bool answers =
      eventually([&] { return !process_->running() || PQping(conninfo.c_str()) == PQPING_OK; });
  if (!answers || !process_->running()) {
    throw std::runtime_error("PostgreSQL did not start: " + log());
  }
}

void Postgres::stop(bool immediate) {
  process_->signal(immediate ? SIGQUIT : SIGINT);
  past_log_ += process_->wait().errors;
  process_.reset();
}

void Postgres::freezeAll() const {
  freeze();  // First, so that no child is forked meanwhile.
  signalAll(SIGSTOP);
}

void Postgres::thawAll() const {
  signalAll(SIGCONT);
  thaw();
}

void Postgres::signalAll(int number) const {
  const std::string postmaster = std::to_string(pid());
  std::ifstream children("/proc/" + postmaster + "/task/" + postmaster + "/children");
  for (pid_t child = 0; children >> child;) {
    ::kill(child, number);
  }
}

std::string Postgres::log() const { return past_log_ + (process_ ? process_->errors() : ""); }

std::size_t Postgres::countInLog(const std::string& text) const {
  std::istringstream lines(log());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    count += line.find(text) != std::string::npos ? 1U : 0U;
  }
  return count;
}

Pq Postgres::superuser(const std::string& database) const {
  Pq connection("host=" + socketDirectory() + " user=postgres dbname=" + database);
  if (!connection.connected()) {
    throw std::runtime_error("superuser connection: " + connection.error());
  }
  return connection;
}

QueryResult Postgres::execute(const std::string& sql, const std::string& database) const {
  QueryResult result = superuser(database).exec(sql);
  if (!result.ok) {
    throw std::runtime_error(sql + ": " + result.message);
  }
  return result;
}

struct ConnectionSampler::State {
  explicit State(Pq connected) : connection(std::move(connected)) {}
  Pq connection;
  std::atomic<std::size_t> highest{0};
  std::atomic<std::size_t> samples{0};
  std::atomic<bool> stopping{false};
  std::thread thread;
};

ConnectionSampler::ConnectionSampler(const Postgres& postgres, std::string role)
    : state_(std::make_unique<State>(postgres.superuser())) {
  state_->thread = std::thread([state = state_.get(), role = std::move(role)] {
    const std::string sql =
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = "
        "'" +
        role + '\'';
    while (!state->stopping) {
      const QueryResult result = state->connection.exec(sql);
      const std::size_t count = result.ok ? std::stoul(result.value()) : 0;
      state->highest = std::max(state->highest.load(), count);
      ++state->samples;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
}

ConnectionSampler::~ConnectionSampler() { stop(); }

void ConnectionSampler::stop() {
  state_->stopping = true;
  if (state_->thread.joinable()) {
    state_->thread.join();
  }
}

std::size_t ConnectionSampler::highest() const noexcept { return state_->highest; }

std::size_t ConnectionSampler::samples() const noexcept { return state_->samples; }

}  // namespace peerpool::testing
