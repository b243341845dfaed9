#include "proxy/server/attestor.h"

#include <utility>

namespace peerpool::server {
namespace {

using Fact = auth::Fact<auth::Executable>;

Fact unknown(const char* why) { return Fact::unknown(why); }

}  // namespace

Attestor::Attestor(event::EventLoop& loop, std::string socket, const Limits& limits)
    : loop_(loop), limits_(limits), client_(std::move(socket)) {}

Attestor::~Attestor() = default;

void Attestor::ask(uid_t uid, UniqueFd process, bool sha256, Done done) {
  std::size_t& waiting_of = waiting_of_[uid];
  if (waiting_ >= limits_.waiting || waiting_of >= limits_.waiting_per_uid) {
    if (waiting_of == 0) {
      waiting_of_.erase(uid);
    }
    done(unknown("too many processes wait to be looked at"));
    return;
  }
  ++waiting_of;
  ++waiting_;
  if (!thread_) {
    thread_.emplace(limits_.waiting);
  }
  const TimePoint deadline = loop_.now() + limits_.patience;
  auto job = [this, uid, sha256, deadline, process = std::move(process), done]() mutable {
    Fact fact = unknown("peerpool-attest did not answer in time");
    if (Clock::now() < deadline) {  // Else the one before took all the time.
      const auto answer = client_.ask(process.get(), sha256, deadline);
      fact = answer ? auth::executableOf(*answer, uid) : Fact::unknown(answer.error().text);
    }
    process.reset();
    loop_.post(
        [this, uid, done = std::move(done), fact = std::move(fact)] { finish(uid, done, fact); });
  };
  if (!thread_->post(std::move(job))) {
    finish(uid, done, unknown("too many processes wait to be looked at"));
  }
}

void Attestor::finish(uid_t uid, const Done& done, Fact fact) {
  --waiting_;
  const auto found = waiting_of_.find(uid);
  if (--found->second == 0) {
    waiting_of_.erase(found);
  }
  done(std::move(fact));
}

}  // namespace peerpool::server
