// Every script and every transcript, once directly at PostgreSQL and once through peerpool: all
// bytes that come back are the same but for what answers.h masks. PEERPOOL_DIFFERENTIAL=TEXT plays
// the files whose name contains TEXT, and PEERPOOL_DIFFERENTIAL_SHOW=1 prints what came directly.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "tests/differential/known_differences.h"
#include "tests/differential/player.h"
#include "tests/integration/scene.h"

namespace peerpool::differential {
namespace {

using testing::Scene;
using testing::SceneOptions;

constexpr std::size_t kPieces = 60;

SceneOptions optionsOf(Way way) {
  SceneOptions options;
  options.pools =
      way == Way::Session ? "  mode: session\n  size: 4\n" : "  mode: transaction\n  size: 2\n";
  options.rules = testing::everybodyMayBe("app");
  options.prepare =
      "CREATE ROLE app LOGIN; CREATE ROLE clerk; GRANT clerk TO app;"
      "CREATE DATABASE shop OWNER app;"
      "ALTER DATABASE shop SET lc_messages = 'C'";
  // So that what is told does not depend on what the machine is busy with.
  options.postgres.settings = "jit = off\nmax_prepared_transactions = 2\ndeadlock_timeout = 10s\n";
  return options;
}

// An empty database again, once nobody holds a lock of the run before.
constexpr const char* kReset = R"(
DO $$
DECLARE item record;
BEGIN
  FOR i IN 1..5000 LOOP
    EXIT WHEN NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory');
    PERFORM pg_sleep(0.002);
  END LOOP;
  FOR item IN SELECT nspname FROM pg_namespace
              WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', item.nspname);
  END LOOP;
  PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
END $$;
CREATE SCHEMA public AUTHORIZATION app;
)";

class Comparison {
 public:
  explicit Comparison(Way way)
      : way_(way), scene_(optionsOf(way)), superuser_(scene_.postgres().superuser("shop")) {
    superuser_.exec("SET client_min_messages = error; SET lock_timeout = '30s'");
    if (way == Way::AmongOthers) {
      others_.emplace(scene_.socketPath());
    }
  }

  // Plays it both ways; what differs, or is wrong with the table of known differences.
  std::string compare(const Dialogue& dialogue) {
    reset();
    const Answers direct = comparable(play(scene_.postgres().socketPath(), dialogue, [] {}));
    show(dialogue, direct);
    if (direct.back().body == "no message") {
      return dialogue.name + ": PostgreSQL itself says nothing more\n" +
             firstDifference({}, direct);
    }
    reset();
    const auto before = [this] {
      if (others_) {
        others_->turn();
      }
    };
    const std::size_t pieces = way_ == Way::InPieces ? kPieces : 1;
    const Answers through = comparable(play(scene_.socketPath(), dialogue, before, pieces));
    const std::string difference = firstDifference(direct, through);
    if (const char* const known = knownDifference(way_, dialogue.name)) {
      if (shown()) {
        std::cout << "--- known: " << known << '\n' << difference;
      }
      const bool gone = difference.empty() && way_ != Way::InPieces;
      return gone ? dialogue.name + ": no longer differs: it leaves the table\n" : "";
    }
    return difference.empty() ? "" : dialogue.name + ": " + difference;
  }

  std::string finish() { return others_ ? others_->finish() : ""; }

 private:
  void reset() {
    const testing::QueryResult result = superuser_.exec(kReset);
    INFO(result.message);
    REQUIRE(result.ok);
  }

  static bool shown() { return std::getenv("PEERPOOL_DIFFERENTIAL_SHOW") != nullptr; }

  static void show(const Dialogue& dialogue, const Answers& direct) {
    if (!shown()) {
      return;
    }
    std::cout << "=== " << dialogue.name << '\n';
    bool login = true;
    for (const testing::RawMessage& message : direct) {
      if (!login) {
        std::cout << readable(message) << '\n';
      }
      login = login && message.type != 'Z';
    }
  }

  Way way_;
  Scene scene_;
  testing::Pq superuser_;
  std::optional<Others> others_;
};

void compareAll(Way way, const std::vector<Dialogue>& dialogues, std::size_t at_least) {
  if (std::getenv("PEERPOOL_DIFFERENTIAL") == nullptr) {
    CHECK(dialogues.size() >= at_least);
  }
  Comparison comparison(way);
  for (const Dialogue& dialogue : dialogues) {
    CHECK(comparison.compare(dialogue) == "");
  }
  CHECK(comparison.finish() == "");
}

void compareScripts(Way way) { compareAll(way, readAll("scripts", readScript), 300); }

void compareTranscripts(Way way) { compareAll(way, readAll("transcripts", readTranscript), 100); }

}  // namespace

TEST_CASE("the others give each step another server") {
  const Scene scene(optionsOf(Way::AmongOthers));
  Others others(scene.socketPath());
  const Dialogue dialogue = readScript("pids",
                                       "SELECT pg_backend_pid();\n-- @query\n"
                                       "SELECT pg_backend_pid();\n-- @query\n"
                                       "SELECT pg_backend_pid();");
  std::vector<std::string> rows;
  for (const testing::RawMessage& message :
       play(scene.socketPath(), dialogue, [&] { others.turn(); })) {
    if (message.type == 'D') {
      rows.push_back(message.body);
    }
  }
  CHECK(others.finish() == "");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] != rows[1]);
  CHECK(rows[1] != rows[2]);
}

TEST_CASE("scripts are answered in session mode as by PostgreSQL") { compareScripts(Way::Session); }

TEST_CASE("scripts are answered in transaction mode as by PostgreSQL") {
  compareScripts(Way::Transaction);
}

TEST_CASE("scripts are answered as by PostgreSQL when servers change under them") {
  compareScripts(Way::AmongOthers);
}

TEST_CASE("transcripts are answered in session mode as by PostgreSQL") {
  compareTranscripts(Way::Session);
}

TEST_CASE("transcripts are answered in transaction mode as by PostgreSQL") {
  compareTranscripts(Way::Transaction);
}

TEST_CASE("transcripts that come in small pieces are answered as by PostgreSQL") {
  compareTranscripts(Way::InPieces);
}

TEST_CASE("transcripts are answered as by PostgreSQL when servers change under them") {
  compareTranscripts(Way::AmongOthers);
}

}  // namespace peerpool::differential
