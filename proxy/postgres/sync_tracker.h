// Tells when a server that is linked to a client owes nothing more: the sync point.
//
// Counts ReadyForQuery: each Query, FunctionCall and Sync brings one, except those that the server
// throws away while it is reading a COPY (PostgreSQL manual, "COPY Operations"). Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace peerpool::postgres {

/// State of one link; starts anew with each.
class SyncTracker {
 public:
  /// Requests that may be outstanding before the client is read no further.
  static constexpr std::size_t kLimit = 4096;

  /// A message of the client was passed on; `type` as on the wire.
  void onClientMessage(char type);

  /// The server began to read a COPY (CopyInResponse, CopyBothResponse).
  void onCopyIn();
  /// The server sent an ErrorResponse: a COPY it was reading is over.
  void onError() noexcept { copy_in_ = false; }
  /// The server sent ReadyForQuery. False: it owed none, so it can't be trusted any more.
  [[nodiscard]] bool onReadyForQuery();

  /// Nothing is owed, and the client has closed its last batch with Sync.
  [[nodiscard]] bool atSyncPoint() const noexcept { return owed_.empty() && !unsynced_; }
  /// The server reads a COPY that the client has not ended.
  [[nodiscard]] bool copyIn() const noexcept { return copy_in_; }
  /// A batch of the extended protocol lacks its Sync.
  [[nodiscard]] bool unsynced() const noexcept { return unsynced_; }
  /// A Sync was sent around the start of a COPY. The server ignored it, unless the COPY had failed
  /// before it was read: then one more ReadyForQuery comes than is counted here.
  [[nodiscard]] bool uncertain() const noexcept { return uncertain_; }
  [[nodiscard]] bool full() const noexcept { return owed_.size() >= kLimit; }
  /// CopyData and its ends belong to a COPY that is or may be under way; else they came too late.
  [[nodiscard]] bool idle() const noexcept { return atSyncPoint() && !copy_in_; }

 private:
  enum class Owed : std::uint8_t { Query, Sync, CopyEnd };

  std::vector<Owed> owed_;  // In the order sent; CopyEnd brings no ReadyForQuery itself.
  bool unsynced_ = false;   // An extended-protocol message was sent after the last Sync.
  bool uncertain_ = false;
  bool copy_in_ = false;  // The server reads CopyData; the client has not ended it yet.
};

}  // namespace peerpool::postgres
