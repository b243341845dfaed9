// Places of clients at the front door: who gets one, who is turned away by which limit, and whose
// place is due to a newcomer. Says it; others carry it out.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "auth/admitted.h"
#include "auth/connect_rates.h"
#include "auth/fair_share.h"
#include "auth/limit_reached.h"
#include "auth/place_counts.h"
#include "proxy/base/clock.h"

namespace peerpool::server {

/// Counts of clients, all of them by uid. Outlives all clients.
struct ClientCounts {
  auth::PlaceCounts process;    ///< Under one empty name.
  auth::PlaceCounts listeners;  ///< By name.
  auth::PlaceCounts away;       ///< Turned away and still to be told so; under one empty name.
};

/// Main thread; places go back on any.
class PlaceKeeper {
 public:
  struct Settings {
    std::size_t max_clients = 0;
    std::string max_clients_setting;  ///< With its value, for people.
  };
  PlaceKeeper(ClientCounts& counts, Settings settings)
      : counts_(counts), settings_(std::move(settings)) {}

  /// After a reload. Who is in stays, also beyond a lower number.
  void adopt(Settings settings) { settings_ = std::move(settings); }

  /// Takes a token of the client's uid. A value: there is none.
  [[nodiscard]] std::optional<auth::LimitReached> takeToken(const auth::Admitted& client,
                                                            TimePoint now);

  /// `reached`: no place was taken, because of this limit.
  struct Answer {
    std::optional<auth::LimitReached> reached;
    /// With `reached`: somebody has more than his fair share, and one of these is due to the
    /// client.
    std::optional<auth::PlaceQuery> due;
  };
  /// Takes the places of `client`, all or none.
  [[nodiscard]] Answer takePlaces(auth::Admitted& client);

  /// A client that is turned away still takes a descriptor until it is told, and a worker's time.
  enum class Away : std::uint8_t {
    Told,
    Unheard,  ///< So many wait to be told that it is to be closed without a word.
    Flood,    ///< The same, since its uid comes faster to this listener than it can be told.
  };
  [[nodiscard]] Away takeAwayPlace(auth::Admitted& client, TimePoint now);

 private:
  [[nodiscard]] std::optional<auth::PlaceQuery> dueFrom(const auth::PlaceCounts& counts,
                                                        const std::string& name,
                                                        const std::string& listener, uid_t newcomer,
                                                        std::size_t limit) const;

  ClientCounts& counts_;
  Settings settings_;
  auth::ConnectRates rates_;
  auth::ConnectRates told_;  // How fast those of each uid are told that they are turned away.
};

}  // namespace peerpool::server
