// What clients ask for: each request is whole in itself and knows its answer.

#include <string>

#include "tests/simulation/sim_client.h"
#include "tests/support/raw_client.h"

namespace peerpool::simulation {
namespace {

using testing::rawMessage;

std::string query(const std::string& sql) { return rawMessage('Q', sql + '\0'); }

std::string prepare(const std::string& name, const std::string& sql) {
  return rawMessage('P', name + '\0' + sql + '\0' + std::string(2, '\0'));
}

std::string bindAndExecute(const std::string& name) {
  return rawMessage('B', '\0' + name + '\0' + std::string(6, '\0')) +
         rawMessage('D', std::string("P\0", 2)) + rawMessage('E', std::string(5, '\0'));
}

std::string sync() { return rawMessage('S', ""); }

}  // namespace

void SimClient::ask() {
  Request request;
  request.number = ++last_request_;
  // What is pipelined behind something that may fail in a transaction may fail too.
  request.may_fail = brittle_ || status_ == 'E' || asked_status_ == 'E';
  const std::size_t kind = chance_.pick(100);
  if (kind < 45) {
    askSimple(request);
  } else if (kind < 60) {
    askSession(request);
  } else if (kind < 80) {
    askExtended(request);
  } else if (kind < 88) {
    askNamed(request);
  } else if (kind < 93) {
    askCopyIn(request);
  } else {
    request.rows = chance_.percent(90) ? chance_.between(1, 30) : chance_.between(300, 1500);
    outbox_ += query("COPY " + tag(request) + " OUT " + std::to_string(request.rows));
  }
  brittle_ = brittle_ || request.may_fail;
  pins_ = pins_ || request.listens || !request.set.empty() || !request.prepared.empty();
  requests_.push_back(std::move(request));
}

void SimClient::askSimple(Request& request) {
  const std::string tag = this->tag(request);
  switch (chance_.pick(8)) {
    case 0:
      if (chance_.percent(10)) {  // More than sockets and watermarks hold.
        request.rows = 60;
        outbox_ += query("SELECT " + tag + " 60 8000");
        return;
      }
      request.rows = chance_.between(1, 20);
      outbox_ += query("SELECT " + tag + ' ' + std::to_string(request.rows) + ' ' +
                       std::to_string(chance_.percent(80) ? 0 : chance_.pick(3000)));
      return;
    case 1:
      request.rows = 3;
      outbox_ += query("SELECT " + tag + "; ADVISE " + tag + "; SELECT " + tag);
      return;
    case 2:
      request.may_fail = true;
      outbox_ += query("SELECT " + tag + "; FAIL " + tag + "; SELECT " + tag);
      return;
    case 3:
      request.rows = 1;
      // Now and then something that cannot be canceled; all together less than a server that is
      // closed is waited for.
      outbox_ += chance_.percent(80)
                     ? query("SLEEP " + tag + ' ' + std::to_string(chance_.between(1, 300)))
                     : query("BUSY " + tag + ' ' + std::to_string(chance_.between(1, 700)));
      return;
    case 4:
      if (!manners_.statement_pooling && asked_status_ == 'I') {
        asked_status_ = 'T';
        outbox_ += query("BEGIN " + tag);
        return;
      }
      [[fallthrough]];
    case 5:
      if (asked_status_ != 'I') {
        asked_status_ = 'I';
        outbox_ += query((chance_.percent(50) ? "COMMIT " : "ROLLBACK ") + tag);
        return;
      }
      [[fallthrough]];
    default:
      request.rows = 1;
      outbox_ += query("SELECT " + tag + longTail());
  }
}

/// Nothing, or so much that the query passes in pieces.
std::string SimClient::longTail() {
  return chance_.percent(90) ? std::string()
                             : " 1 0 " + std::string(chance_.between(5, 60) * 1000, 'x') + " end";
}

/// A long query that lacks the end of its end.
void SimClient::sayTooLittle() {
  outbox_ += query("SELECT " + name_ + ".0 1 0 " +
                   std::string(chance_.between(17, 40) * 1000, 'x') + " end");
  sendSome(outbox_.size() - chance_.between(1, 4));
}

void SimClient::askSession(Request& request) {
  const std::string tag = this->tag(request);
  switch (chance_.pick(4)) {
    case 0:
      request.set = tag;
      outbox_ += query("SET work_mem TO '" + tag + '\'');
      return;
    case 1:
      request.creates = true;
      outbox_ += query("CREATE " + tag);
      return;
    case 2:
      request.rows = 1;
      request.locks = true;
      outbox_ += query("ADVISE " + tag);
      return;
    default:
      request.listens = true;
      outbox_ += query("LISTEN " + tag);
  }
}

void SimClient::askExtended(Request& request) {
  const std::string tag = this->tag(request);
  const std::size_t batch = chance_.between(1, 3);
  const bool fails = chance_.percent(15);
  for (std::size_t index = 0; index < batch; ++index) {
    outbox_ += prepare("", "SELECT " + tag + " 2") + bindAndExecute("");
    request.rows += 2;
    ++request.parses;
  }
  if (fails) {
    request.may_fail = true;
    outbox_ += prepare("", "FAIL " + tag) + bindAndExecute("") + prepare("", "SELECT " + tag);
  }
  if (chance_.percent(10)) {
    outbox_ += rawMessage('H', "");
  }
  outbox_ += sync();
}

/// A statement with a name, prepared or used; now and then behind something that fails, so that it
/// is thrown away.
void SimClient::askNamed(Request& request) {
  const std::string tag = this->tag(request);
  if (chance_.percent(30)) {
    request.may_fail = true;
    outbox_ += prepare("", "FAIL " + tag) + bindAndExecute("");
  }
  if (!prepared_.empty() && chance_.percent(70)) {
    // Its statement carries the number of the request that prepared it.
    outbox_ += bindAndExecute(prepared_[chance_.pick(prepared_.size())]) +
               prepare("", "SELECT " + tag) + bindAndExecute("") + sync();
    request.rows = 2;
    request.parses = 1;
    request.reuses = true;
    return;
  }
  request.prepared = "s" + std::to_string(request.number);
  request.parses = 1;
  outbox_ += prepare(request.prepared, "SELECT " + tag) + sync();
}

void SimClient::askCopyIn(Request& request) {
  const std::string tag = this->tag(request);
  const bool extended = chance_.percent(30);
  const std::string sql = "COPY " + tag + " IN";
  outbox_ += extended ? prepare("", sql) + bindAndExecute("") : query(sql);
  request.parses = extended ? 1 : 0;
  const bool early_sync = extended && !request.may_fail && !manners_.limits && chance_.percent(30);
  if (early_sync) {
    outbox_ += sync();  // Ignored, since the server reads a COPY.
  }
  for (std::size_t lines = chance_.pick(20); lines > 0; --lines) {
    outbox_ += rawMessage('d', tag + " line\n");
  }
  if (chance_.percent(20)) {
    request.may_fail = true;
    pins_ = pins_ || early_sync;  // No answer tells that it was ignored.
    outbox_ += rawMessage('f', std::string("no\0", 3));
  } else {
    outbox_ += rawMessage('c', "");
  }
  outbox_ += extended ? sync() : "";
}

void SimClient::misbehave() {
  rogue_ = true;
  switch (chance_.pick(4)) {
    case 0:
      outbox_ += chance_.bytes(chance_.between(1, 200));
      return;
    case 1:
      outbox_ += rawMessage('R', "not for a client to say");
      return;
    case 2:
      outbox_ += std::string("Q\0\0\0\3", 5);
      return;
    default:
      outbox_ += std::string("Q\x7f\xff\xff\xff", 5);
  }
}

}  // namespace peerpool::simulation
