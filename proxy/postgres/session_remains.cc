#include "proxy/postgres/session_remains.h"

namespace peerpool::postgres {
namespace {

bool differ(const std::optional<uid_t>& before, const std::optional<uid_t>& now) noexcept {
  return before && now && *before != *now;
}

}  // namespace

SessionRemains::Reset SessionRemains::needed(bool same, std::optional<uid_t> uid,
                                             TimePoint::duration idle_for,
                                             const ServerStatements& statements) const noexcept {
  if (same) {
    return Reset::None;
  }
  // Who may run code in a session may put other statements in the place of those that are known.
  const bool foreign_statements = differ(statements_of_, uid) && statements.size() > 0;
  if (!touched_ && !statements.distrusted() && !differ(used_by_, uid) && !foreign_statements) {
    return idle_for < kCheckAfter ? Reset::None : Reset::Check;
  }
  const bool all =
      distrusted_ || statements.distrusted() || statements.size() == 0 || foreign_statements;
  return all ? Reset::All : Reset::KeepStatements;
}

void SessionRemains::prepared(Reset done, bool same, std::optional<uid_t> uid) noexcept {
  shared_ = shared_ || (!same && used_by_);
  if (done == Reset::KeepStatements || done == Reset::All) {
    touched_ = distrusted_ = shared_ = false;
    used_by_.reset();
  }
  if (done == Reset::All) {
    statements_of_.reset();
  }
  if (uid) {
    used_by_ = uid;
    statements_of_ = uid;
  }
}

}  // namespace peerpool::postgres
