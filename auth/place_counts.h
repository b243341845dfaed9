// Who holds how many places of what is limited: clients of the process, of a listener, of a rule.
// How many there may be is said by whoever asks.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace peerpool::auth {

/// Counts by name and uid. Any thread; taken once for each client, never on the path of a byte.
/// Names and uids that hold nothing take no memory. Outlives all places taken from it.
class PlaceCounts {
 private:
  struct Name;
  struct Holder {
    Name* name;
    uid_t uid;
    std::size_t places;
  };
  struct Name {
    PlaceCounts* counts;
    std::string text;
    std::size_t places;
    std::map<uid_t, Holder> holders;
  };

 public:
  /// What has no value is not limited.
  struct Limits {
    std::optional<std::size_t> all;      ///< Of one name.
    std::optional<std::size_t> per_uid;  ///< Of one name and uid.
  };
  enum class Reached : std::uint8_t { All, PerUid };

  /// Counted for as long as it exists; given back on any thread.
  class Place {
   public:
    Place() noexcept = default;
    Place(Place&& other) noexcept : holder_(std::exchange(other.holder_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(holder_, other.holder_);
      other.reset();
      return *this;
    }
    ~Place() { reset(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    explicit operator bool() const noexcept { return holder_ != nullptr; }
    void reset() noexcept;

   private:
    friend class PlaceCounts;
    explicit Place(Holder& holder) noexcept : holder_(&holder) {}
    Holder* holder_ = nullptr;
  };

  /// A place, or which limit stands against it: PerUid when both do.
  struct Answer {
    Place place;
    std::optional<Reached> reached;
  };

  struct Held {
    uid_t uid = 0;
    std::size_t places = 0;
  };

  PlaceCounts() = default;
  PlaceCounts(const PlaceCounts&) = delete;
  PlaceCounts& operator=(const PlaceCounts&) = delete;

  [[nodiscard]] Answer take(const std::string& name, uid_t uid, const Limits& limits);

  /// Who holds places of `name`, by uid; nobody appears with none.
  [[nodiscard]] std::vector<Held> heldOf(const std::string& name) const;
  /// The sum of those.
  [[nodiscard]] std::size_t countOf(const std::string& name) const;
  /// Names of which places are held.
  [[nodiscard]] std::size_t names() const;

 private:
  void giveBack(Holder& holder) noexcept;

  mutable std::mutex mutex_;
  std::map<std::string, Name> names_;  // By mutex_; nodes stay where they are.
};

}  // namespace peerpool::auth
