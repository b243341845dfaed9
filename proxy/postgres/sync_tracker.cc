#include "proxy/postgres/sync_tracker.h"

#include <algorithm>

namespace peerpool::postgres {

void SyncTracker::onClientMessage(char type) {
  switch (type) {
    case 'Q':
    case 'F':
      owed_.push_back(Owed::Query);
      break;
    case 'S':
      if (!copy_in_) {
        owed_.push_back(Owed::Sync);
        unsynced_ = false;
      }
      break;
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C':
    case 'H':
      unsynced_ = unsynced_ || !copy_in_;
      break;
    case 'c':
    case 'f':
      if (copy_in_) {
        copy_in_ = false;
      } else if (!atSyncPoint()) {
        // Sent before the server's CopyInResponse was seen: it ends the COPY that is still to come.
        owed_.push_back(Owed::CopyEnd);
      }
      break;
    default:  // CopyData and whatever brings no ReadyForQuery.
      break;
  }
}

void SyncTracker::onCopyIn() {
  // All that was sent behind the request up to CopyDone or CopyFail reaches a server that reads a
  // COPY, and it ignores every Sync among it.
  const bool by_query = !owed_.empty() && owed_.front() == Owed::Query;
  const auto begin = owed_.begin() + (by_query ? 1 : 0);
  const auto end = std::find(begin, owed_.end(), Owed::CopyEnd);
  copy_in_ = end == owed_.end();
  const auto kept = std::remove(begin, end, Owed::Sync);
  const bool dropped = kept != end;
  uncertain_ = uncertain_ || dropped;
  owed_.erase(kept, copy_in_ ? end : end + 1);
  if (dropped && !by_query && std::find(owed_.begin(), owed_.end(), Owed::Sync) == owed_.end()) {
    unsynced_ = true;  // The batch is open still: the client's next Sync closes it.
  }
}

bool SyncTracker::onReadyForQuery() {
  const auto first =
      std::find_if(owed_.begin(), owed_.end(), [](Owed owed) { return owed != Owed::CopyEnd; });
  if (first == owed_.end()) {
    return false;
  }
  copy_in_ = false;
  owed_.erase(owed_.begin(), first + 1);
  // An end of COPY for which there was no COPY was thrown away by the server.
  if (std::all_of(owed_.begin(), owed_.end(), [](Owed owed) { return owed == Owed::CopyEnd; })) {
    owed_.clear();
  }
  return true;
}

}  // namespace peerpool::postgres
