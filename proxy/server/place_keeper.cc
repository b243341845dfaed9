#include "proxy/server/place_keeper.h"

#include <utility>

#include "config/units.h"
#include "proxy/server/descriptor_plan.h"

namespace peerpool::server {
namespace {

using auth::LimitReached;
using auth::PlaceCounts;

constexpr char kProcess[] = "";  // The only name in counts of the whole process.

// One uid is told as fast as this at a listener that it is turned away: to tell costs a worker
// about fifty microseconds, and the front door ten times what it costs to close.
constexpr config::Rate kTold{1000, Duration(2000)};

std::string listenerSetting(const config::Listener& listener, std::string_view key,
                            const std::string& value) {
  return std::string("listeners.")
      .append(listener.name)
      .append(".limits.")
      .append(key)
      .append(": ")
      .append(value);
}

}  // namespace

std::optional<LimitReached> PlaceKeeper::takeToken(const auth::Admitted& client, TimePoint now) {
  const auto& rate = client.listener->limits.connect_rate_per_uid;
  if (!rate || rates_.take(client.listener->name, client.identity.uid, *rate, now)) {
    return std::nullopt;
  }
  return LimitReached{
      Limit::ConnectRatePerUid,
      listenerSetting(*client.listener, "connect_rate_per_uid", config::printRate(*rate))};
}

PlaceKeeper::Answer PlaceKeeper::takePlaces(auth::Admitted& client) {
  const config::Listener& listener = *client.listener;
  const config::ListenerLimits& limits = listener.limits;
  const uid_t uid = client.identity.uid;
  PlaceCounts::Answer at_listener =
      counts_.listeners.take(listener.name, uid, {limits.clients, limits.clients_per_uid});
  if (at_listener.reached == PlaceCounts::Reached::PerUid) {
    return {LimitReached{Limit::ListenerClientsPerUid,
                         listenerSetting(listener, "clients_per_uid",
                                         std::to_string(*limits.clients_per_uid))},
            std::nullopt};
  }
  if (at_listener.reached) {
    return {LimitReached{Limit::ListenerClients,
                         listenerSetting(listener, "clients", std::to_string(*limits.clients))},
            dueFrom(counts_.listeners, listener.name, listener.name, uid, *limits.clients)};
  }
  PlaceCounts::Answer in_process =
      counts_.process.take(kProcess, uid, {settings_.max_clients, std::nullopt});
  if (in_process.reached) {
    return {LimitReached{Limit::MaxClients, settings_.max_clients_setting},
            dueFrom(counts_.process, kProcess, {}, uid, settings_.max_clients)};
  }
  client.places = {std::move(in_process.place), std::move(at_listener.place)};
  return {};
}

std::optional<auth::PlaceQuery> PlaceKeeper::dueFrom(const PlaceCounts& counts,
                                                     const std::string& name,
                                                     const std::string& listener, uid_t newcomer,
                                                     std::size_t limit) const {
  const auto loser = auth::whosePlace(counts.heldOf(name), newcomer, limit);
  if (!loser) {
    return std::nullopt;
  }
  return auth::PlaceQuery{*loser, listener};
}

PlaceKeeper::Away PlaceKeeper::takeAwayPlace(auth::Admitted& client, TimePoint now) {
  if (!told_.take(client.listener->name, client.identity.uid, kTold, now)) {
    return Away::Flood;
  }
  PlaceCounts::Answer answer = counts_.away.take(
      kProcess, client.identity.uid,
      {mostTurnedAway(settings_.max_clients), mostTurnedAwayPerUid(settings_.max_clients)});
  client.turned_away = std::move(answer.place);
  return answer.reached ? Away::Unheard : Away::Told;
}

}  // namespace peerpool::server
