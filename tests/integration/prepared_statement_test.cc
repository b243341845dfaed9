// Named statements of several clients on one server: each client is told what PostgreSQL itself
// would tell it, though somebody else uses the server before each of its steps.

#include <catch2/catch.hpp>

#include "tests/integration/scene.h"
#include "tests/integration/victim.h"

namespace peerpool::testing {
namespace {

const std::string kZero(1, '\0');

std::string text(const std::string& value) { return value + kZero; }
std::string parse(const std::string& name, const std::string& sql) {
  return rawMessage('P', text(name) + text(sql) + std::string(2, '\0'));
}
std::string bind(const std::string& name) {
  return rawMessage('B', kZero + text(name) + std::string(6, '\0'));
}
std::string bindOne(const std::string& name, const std::string& value) {
  std::string length;
  for (int shift = 24; shift >= 0; shift -= 8) {
    length += static_cast<char>(value.size() >> shift & 0xff);
  }
  return rawMessage(
      'B', kZero + text(name) + std::string("\0\0\0\1", 4) + length + value + std::string(2, '\0'));
}
std::string describe(const std::string& name) { return rawMessage('D', "S" + text(name)); }
std::string close(const std::string& name) { return rawMessage('C', "S" + text(name)); }
std::string execute() { return rawMessage('E', std::string(5, '\0')); }
std::string sync() { return rawMessage('S', ""); }
std::string flush() { return rawMessage('H', ""); }
std::string run(const std::string& name) { return bind(name) + execute(); }

RawClient login(const std::string& path) {
  RawClient client(path);
  REQUIRE(client.send(startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}})));
  REQUIRE(client.receiveUntil('Z').back().type == 'Z');
  return client;
}

/// All messages until `ends` ReadyForQuery came, in a form that people can read.
std::string answers(RawClient& client, int ends) {
  std::string all;
  while (ends > 0) {
    const std::optional<RawMessage> message = client.receiveMessage();
    if (!message) {
      return all + "(no more)";
    }
    ends -= message->type == 'Z' ? 1 : 0;
    std::string body = message->body;
    if (message->type == 'E') {  // Where in its source is the server's business.
      body = message->field('S') + " " + message->field('C') + " " + message->field('M');
    }
    all += std::string(1, message->type) + "(" + body + ")\n";
  }
  return all;
}

/// One step of a client: what it sends at once, and how many ReadyForQuery it waits for.
struct Step {
  std::string bytes;
  int ends = 1;
};

SceneOptions oneServer() {
  return {.rules = everybodyMayBe("app"),
          .pools = "  mode: transaction\n  size: 1\n  wait_timeout: 30s\n"};
}

/// A client that has statements of the same names, and prepares and runs another each time.
class Intruder {
 public:
  explicit Intruder(const Scene& scene) : client_(login(scene.socketPath())) {
    for (const char* name : {"a", "b", "c"}) {
      REQUIRE(client_.send(parse(name, std::string("SELECT 'intruder ") + name + "'") + sync()));
      REQUIRE(answers(client_, 1) == "1()\nZ(I)\n");
    }
  }
  void use() {
    REQUIRE(client_.send(run("a") + sync()));
    CHECK(answers(client_, 1).find("intruder a") != std::string::npos);
  }

 private:
  RawClient client_;
};

/// The same to PostgreSQL itself and through the pool.
void checkSame(const std::vector<Step>& steps, const std::string& prepare = "SELECT 1") {
  const Scene scene(oneServer());
  RawClient direct = login(scene.postgres().socketPath());
  RawClient pooled = login(scene.socketPath());
  Intruder intruder(scene);
  const auto reset = [&] {
    Pq admin(("host=" + scene.socketDirectory() + " user=app dbname=shop").c_str());
    REQUIRE(admin.exec(prepare).ok);
  };
  reset();
  std::vector<std::string> expected;
  for (const Step& step : steps) {
    REQUIRE(direct.send(step.bytes));
    expected.push_back(answers(direct, step.ends));
  }
  reset();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(i);
    const bool in_transaction = i > 0 && expected[i - 1].find("Z(I)") == std::string::npos;
    if (!in_transaction) {
      intruder.use();
    }
    REQUIRE(pooled.send(steps[i].bytes));
    CHECK(answers(pooled, steps[i].ends) == expected[i]);
  }
  CHECK(scene.postgres()
            .execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND "
                     "backend_type = 'client backend'")
            .value() == "2");  // The direct one, and one server for all others.
}

}  // namespace

TEST_CASE("clients have statements of the same names and each runs its own") {
  checkSame({{parse("a", "SELECT 'mine'") + sync()},
             {run("a") + sync()},
             {describe("a") + sync()},
             {parse("b", "SELECT 'more'") + run("b") + run("a") + sync()},
             {run("b") + sync()},
             {close("a") + sync()},
             {parse("a", "SELECT 'third'") + describe("a") + run("a") + sync()},
             {run("a") + sync()}});
}

TEST_CASE("a used name and an unknown one are errors, and the session lives") {
  checkSame({{parse("a", "SELECT 1") + sync()},
             {parse("a", "SELECT 2") + run("a") + sync()},
             {run("a") + sync()},
             {parse("a", "SELEKT 2") + sync()},
             {run("unknown") + sync()},
             {describe("unknown") + sync()},
             {close("unknown") + sync()},
             {run("peerpool_1?") + sync()},
             {queryMessage("BEGIN")},
             {parse("a", "SELECT 3") + sync()},
             {parse("a", "SELECT 4") + sync()},
             {queryMessage("ROLLBACK")},
             {run("a") + sync()}});
}

TEST_CASE("what an error throws away has not happened") {
  checkSame({{parse("a", "SELECT 1") + sync()},
             {run("unknown") + parse("b", "SELECT 2") + close("a") + sync()},
             {run("a") + sync()},
             {run("b") + sync()},
             {parse("c", "SELECT nothing") + run("c") + sync()},
             {parse("c", "SELECT 'c'") + run("c") + sync()},
             // Several batches at once: what the first throws away the second may say again.
             {run("unknown") + close("c") + sync() + close("c") + parse("c", "SELECT 'new'") +
                  sync() + run("c") + sync(),
              3},
             {run("c") + sync()}});
}

TEST_CASE("statements are taken away by SQL, and made again in the same breath") {
  checkSame({{parse("a", "SELECT 1") + parse("b", "SELECT 2") + sync()},
             {queryMessage("DEALLOCATE a")},
             {run("a") + sync()},
             {run("b") + sync()},
             {parse("b", "SELECT 'again'") + sync()},
             {queryMessage("EXECUTE b")},
             {queryMessage("deallocate prepare \"b\" ;")},
             {queryMessage("DEALLOCATE b")},
             {parse("a", "SELECT 3") + parse("b", "SELECT 4") + sync()},
             {queryMessage("DEALLOCATE ALL") + parse("a", "SELECT 5") + run("a") + sync(), 2},
             {run("a") + sync()},
             {run("b") + sync()},
             {queryMessage("DISCARD ALL")},
             {run("a") + sync()},
             {parse("drop", "DEALLOCATE ALL") + parse("a", "SELECT 6") + sync()},
             {run("drop") + sync()},
             {run("a") + sync()},
             {parse("a", "SELECT 7") + run("a") + sync()},
             {queryMessage("BEGIN") + queryMessage("SELECT 1/0"), 2},
             {queryMessage("DEALLOCATE a")},
             {queryMessage("ROLLBACK")},
             {run("a") + sync()}});
}

TEST_CASE("a statement of the protocol is executed by SQL") {
  checkSame({{parse("a", "SELECT $1::text || 'x'") + sync()},
             {queryMessage("EXECUTE a('one')")},
             {queryMessage("execute \"a\"('two'); SELECT 3")},
             {queryMessage("EXECUTE b")},
             {bindOne("a", "three") + execute() + sync()}});
}

TEST_CASE("an answer comes in its place, also before a Sync") {
  const Scene scene(oneServer());
  Intruder intruder(scene);
  RawClient client = login(scene.socketPath());
  for (int round = 0; round < 3; ++round) {
    intruder.use();
    REQUIRE(client.send(parse("same", "SELECT 'same'") + describe("same") + flush()));
    CHECK(client.receiveUntil('T').size() == 3);
    REQUIRE(client.send(run("same") + close("same") + sync()));
    std::string types;
    for (const RawMessage& message : client.receiveUntil('Z')) {
      types += message.type;
    }
    CHECK(types == "2DC3Z");
  }
}

TEST_CASE("more statements than a server keeps are closed there and come back") {
  const Scene scene(oneServer());
  RawClient client = login(scene.socketPath());
  constexpr int kStatements = 450;
  const auto name = [](int i) { return "s" + std::to_string(i); };
  for (int i = 0; i < kStatements; ++i) {
    REQUIRE(client.send(parse(name(i), "SELECT " + std::to_string(i)) + sync()));
    REQUIRE(answers(client, 1) == "1()\nZ(I)\n");
  }
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < kStatements; i += 7) {
      REQUIRE(client.send(run(name(i)) + sync()));
      CHECK(answers(client, 1).find(std::to_string(i) + ")") != std::string::npos);
    }
  }
  REQUIRE(
      client.send(queryMessage("SELECT count(*) BETWEEN 100 AND 200 FROM pg_prepared_statements")));
  CHECK(answers(client, 1).find("t)") != std::string::npos);
}

TEST_CASE("a statement whose table changed is prepared anew for the next who asks") {
  const Scene scene(oneServer());
  RawClient first = login(scene.socketPath());
  RawClient second = login(scene.socketPath());
  Pq admin = scene.connect();
  REQUIRE(admin.exec("CREATE TABLE changing AS SELECT 1 AS one").ok);
  const std::string sql = "SELECT * FROM changing";
  REQUIRE(first.send(parse("a", sql) + run("a") + sync()));
  CHECK(answers(first, 1).find("D(") != std::string::npos);
  REQUIRE(admin.exec("ALTER TABLE changing ADD two int").ok);
  REQUIRE(first.send(run("a") + sync()));
  CHECK(answers(first, 1) == "E(ERROR 0A000 cached plan must not change result type)\nZ(I)\n");
  REQUIRE(second.send(parse("b", sql) + run("b") + sync()));
  CHECK(answers(second, 1).find("D(") != std::string::npos);
  REQUIRE(first.send(run("a") + sync()));
  CHECK(answers(first, 1).find("D(") != std::string::npos);
}

TEST_CASE("messages that are larger than any buffer name statements too") {
  const std::string big(3'000'000, 'x');
  checkSame({{parse("a", "SELECT length($1::text)") + sync()},
             {bindOne("a", big) + execute() + sync()},
             {bindOne("a", "short") + execute() + sync()},
             {parse(std::string(5000, 'n'), "SELECT 1") + run(std::string(5000, 'n')) + sync()}});
}

TEST_CASE("a pipeline that goes on after an error finds its statements") {
  checkSame(
      {{parse("a", "SELECT 'a'") + sync()},
       {run("unknown") + run("a") + sync() + run("a") + sync(), 2},
       {run("a") + sync() + parse("b", "SELECT 'b'") + run("b") + sync() + run("b") + sync(), 3},
       {run("unknown") + parse("c", "SELECT 'c'") + sync() + run("c") + sync(), 2},
       {run("b") + sync()}});
}

TEST_CASE("a statement too large to be kept holds its server, and no other") {
  const Scene scene({.rules = everybodyMayBe("app"), .pools = "  mode: transaction\n  size: 2\n"});
  Intruder intruder(scene);
  RawClient client = login(scene.socketPath());
  REQUIRE(client.send(parse("a", "SELECT length('" + std::string(3'000'000, 'x') + "')") + sync()));
  CHECK(answers(client, 1) == "1()\nZ(I)\n");
  for (int round = 0; round < 3; ++round) {
    intruder.use();
    REQUIRE(client.send(run("a") + sync()));
    CHECK(answers(client, 1).find("3000000") != std::string::npos);
  }
}

TEST_CASE("names are told apart by as many bytes as PostgreSQL looks at") {
  const std::string front(63, 'n');
  checkSame({{parse(front + "1", "SELECT 1") + sync()},
             {run(front + "2") + sync()},
             {parse(front, "SELECT 2") + sync()}});
}

TEST_CASE("who dies in the middle of a batch leaves a server that knows what it has") {
  const Scene scene(oneServer());
  RawClient other = login(scene.socketPath());
  REQUIRE(other.send(parse("a", "SELECT 'mine'") + sync()));
  REQUIRE(answers(other, 1) == "1()\nZ(I)\n");
  for (int round = 0; round < 3; ++round) {
    {
      const Victim victim(scene.socketPath(), [](RawClient& client) {
        return client.send(parse("a", "SELECT 'dead'") + parse("b", "SELECT pg_sleep(30)") +
                           run("a") + run("b") + parse("c", "SELECT 3") + flush()) &&
               client.receiveUntil('D').back().type == 'D';
      });
    }
    REQUIRE(other.send(run("a") + sync()));
    CHECK(answers(other, 1).find("mine") != std::string::npos);
  }
}

}  // namespace peerpool::testing
