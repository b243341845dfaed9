// Making room: which client of this worker can go, and its end.

#include <algorithm>

#include "proxy/postgres/frontend.h"

namespace peerpool::postgres {
namespace {

bool matches(const auth::Admitted& client, const auth::PlaceQuery& query) {
  return client.identity.uid == query.uid &&
         (query.listener.empty() || client.listener->name == query.listener);
}

void consider(std::optional<auth::PlaceCandidate>& best, const auth::PlaceCandidate& candidate) {
  if (!best || goesBefore(candidate, *best)) {
    best = candidate;
  }
}

}  // namespace

std::optional<auth::PlaceCandidate> Frontend::findPlace(const auth::PlaceQuery& query) const {
  std::optional<auth::PlaceCandidate> best;
  for (const auto& [key, startup] : startups_) {
    const auth::Admitted& client = startup->admitted();
    if (matches(client, query) && startup->mayGo()) {
      consider(best, {client.id, false, client.accepted_at});
    }
  }
  for (const auto& [id, session] : sessions_) {
    const auth::Admitted& client = session->facts().admitted;
    // What is known costs less than mayGo(), which asks the kernel: only for one that would win.
    if (!matches(client, query)) {
      continue;
    }
    const bool logged_in = session->state() != ClientSession::State::Login;
    const auth::PlaceCandidate candidate{id, logged_in,
                                         logged_in ? session->idleSince() : client.accepted_at};
    if ((!best || goesBefore(candidate, *best)) && session->mayGo()) {
      best = candidate;
    }
  }
  return best;
}

auth::ClientPlaces Frontend::takePlace(ClientId client, const auth::LimitReached& limit) {
  if (const auto found = sessions_.find(client); found != sessions_.end()) {
    return found->second->mayGo() ? found->second->giveUpPlace(limit) : auth::ClientPlaces{};
  }
  const auto found = std::find_if(startups_.begin(), startups_.end(), [client](const auto& entry) {
    return entry.second->admitted().id == client;
  });
  if (found == startups_.end() || !found->second->mayGo()) {
    return {};
  }
  return found->second->giveUpPlace(limit);
}

}  // namespace peerpool::postgres
