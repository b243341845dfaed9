#include "proxy/postgres/sync_tracker.h"

#include <algorithm>
#include <limits>

namespace peerpool::postgres {

void SyncTracker::onClientMessage(char type) {
  switch (type) {
    case 'Q':
    case 'F':
      ++batch_;
      request(Kind::Query);
      break;
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C':
      request(Kind::Batch);
      break;
    case 'S':
      ++batch_;
      discarding_ = false;
      perhaps_discarding_ = false;
      push(Kind::Sync);
      break;
    case 'c':
    case 'f':
      cut_short_ = false;
      if (!queue_.empty()) {
        push(Kind::CopyEnd);
      }
      break;
    default:  // CopyData and Flush bring no answer and change nothing.
      break;
  }
}

void SyncTracker::request(Kind kind) {
  cut_short_ = false;
  if (discarding_) {
    return;
  }
  if (perhaps_discarding_) {
    lose();
  } else {
    push(kind);
    if (kind == Kind::Query) {
      onUnnamedClose();
    }
  }
}

void SyncTracker::push(Kind kind) {
  if (lost_) {
    return;
  }
  if (kind == Kind::Batch) {
    ++sent_;
  }
  const bool one_more = !queue_.empty() && queue_.back().kind == kind && kind != Kind::Query &&
                        queue_.back().count < std::numeric_limits<std::uint32_t>::max();
  if (one_more) {
    ++queue_.back().count;
  } else {
    queue_.push_back({kind, 1});
  }
}

void SyncTracker::onUnnamedParse() {
  // Thrown away with its batch, it is in no queue.
  if (!queue_.empty() && queue_.back().kind == Kind::Batch) {
    unnamed_at_ = sent_ - 1;
    owned_at_ = std::min(owned_at_, unnamed_at_);
    unnamed_bound_ = false;
  }
}

void SyncTracker::onUnnamedClose() noexcept {
  if (!discards()) {
    unnamed_at_ = kNever;
    owned_at_ = std::min(owned_at_, sent_);
  }
}

/// From `position` on.
SyncTracker::Position SyncTracker::skip(Kind kind, Position position) noexcept {
  return std::find_if(position, queue_.end(),
                      [kind](const Sent& sent) { return sent.kind != kind; });
}

/// What brings the next ReadyForQuery, spare Syncs apart.
SyncTracker::Position SyncTracker::nextReady() noexcept {
  return std::find_if(queue_.begin(), queue_.end(), [](const Sent& sent) {
    return sent.kind == Kind::Query || sent.kind == Kind::Sync;
  });
}

void SyncTracker::onCopyIn() {
  onAnswer();
  // A batch that is answered, and the end of a COPY that it did not begin.
  while (queue_.size() > 2 && queue_[0].kind == Kind::Batch && queue_[0].count == 0 &&
         queue_[1].kind == Kind::CopyEnd && queue_[2].kind == Kind::Batch) {
    queue_.erase(queue_.begin(), queue_.begin() + 2);
    answered_ = true;
  }
  if (queue_.empty() || !isRequest(queue_.front()) || copying_) {
    lose();
    return;
  }
  const auto behind = skip(Kind::CopyEnd, queue_.begin() + 1);
  if (queue_.front().kind == Kind::Batch && queue_.front().count != 1 && behind != queue_.end() &&
      isRequest(*behind)) {
    lose();  // It may be the COPY of either, and to fail means different things for them.
    return;
  }
  copying_ = true;
}

void SyncTracker::onCommandComplete() {
  onAnswer();
  if (copying_) {
    copying_ = false;
    const auto begin = queue_.begin() + 1;
    auto end = skip(Kind::Sync, begin);
    if (end == queue_.end() || end->kind != Kind::CopyEnd) {
      lose();  // The server can't have seen the end of this COPY.
      return;
    }
    if (--end->count == 0) {
      ++end;
    }
    queue_.erase(begin, end);
  }
  finishMessage();
}

/// The first that is not answered, of the batch that the server works on; a CopyEnd in between is
/// one that no COPY waits for.
void SyncTracker::finishMessage() noexcept {
  for (Sent& sent : queue_) {
    if (sent.kind == Kind::Batch && sent.count > 0) {
      --sent.count;
      ++done_;
      return;
    }
    if (sent.kind != Kind::Batch && sent.kind != Kind::CopyEnd) {
      return;
    }
  }
}

/// Takes them out of the queue.
SyncTracker::Position SyncTracker::drop(Position first, Position end) {
  for (auto dropped = first; dropped != end; ++dropped) {
    if (dropped->kind == Kind::Batch) {
      done_ += dropped->count;
    }
  }
  return queue_.erase(first, end);
}

void SyncTracker::onError() {
  onAnswer();
  if (copying_) {
    copying_ = false;
    failCopy();
  } else if (!queue_.empty() && queue_.front().kind == Kind::Batch) {
    failBatch();
  }
}

void SyncTracker::failCopy() {
  const auto begin = queue_.begin() + 1;
  const auto end = skip(Kind::Sync, begin);
  cut_short_ = end == queue_.end();
  if (end != queue_.end() && isRequest(*end)) {
    lose();  // It was read, in vain, or it will be carried out.
    return;
  }
  std::for_each(begin, end, [](Sent& sent) { sent.kind = Kind::SpareSync; });
  const bool spare = begin != end;
  const auto rest = queue_.erase(end, skip(Kind::CopyEnd, end));
  if (queue_.front().kind == Kind::Query) {
    return;
  }
  if (!spare) {
    failBatch();
  } else if (rest != queue_.end() && isRequest(*rest)) {
    lose();  // It is thrown away if all spare Syncs were, else carried out.
  } else {
    perhaps_discarding_ = rest == queue_.end();
    fail(queue_.begin() + 1);
    answered_ = false;
  }
}

void SyncTracker::failBatch() {
  const auto next = nextReady();
  const bool answered = std::none_of(queue_.begin(), next, [](const Sent& sent) {
    return sent.kind == Kind::Batch && sent.count > 0;
  });
  if (answered && next != queue_.end() && next->kind == Kind::Query) {
    return;  // It is the Query that failed.
  }
  const auto sync = std::find_if(queue_.begin(), queue_.end(),
                                 [](const Sent& sent) { return sent.kind == Kind::Sync; });
  discarding_ = sync == queue_.end();
  fail(sync);  // Queries in front of it too.
  answered_ = false;
}

/// All up to `end`: the message at done_ failed, those behind it are thrown away.
void SyncTracker::fail(Position end) {
  const std::uint64_t failed = done_;
  drop(queue_.begin(), end);
  if (unnamed_at_ >= failed && unnamed_at_ < done_) {
    unnamed_at_ = kNever;
  }
  if (owned_at_ > failed && owned_at_ < done_) {
    owned_at_ = kNever;
  }
}

void SyncTracker::dropSpare() {
  const auto request = std::find_if(queue_.begin(), queue_.end(), isRequest);
  if (request == queue_.end() || nextReady() < request) {
    lose();  // Nobody asked for this answer.
    return;
  }
  queue_.erase(queue_.begin(), request);
}

bool SyncTracker::onReadyForQuery() {
  if (lost_) {
    return true;
  }
  if (queue_.empty() || copying_ || (isRequest(queue_.front()) && !answered_)) {
    return false;
  }
  auto ready = nextReady();
  auto first = queue_.begin();
  if (first->kind == Kind::SpareSync) {
    // It may be that of any Sync in this row: as many as are certain are still to come then.
    perhaps_discarding_ = false;
    if (ready == queue_.end() || std::find_if(first, ready, isRequest) != ready ||
        ready->kind != Kind::Sync) {
      ready = first;
    }
    first = ready;
  }
  if (ready == queue_.end()) {
    return false;
  }
  if (--ready->count == 0) {
    ++ready;
  }
  drop(first, ready);
  queue_.erase(queue_.begin(), skip(Kind::CopyEnd, queue_.begin()));
  answered_ = false;
  return true;
}

bool SyncTracker::uncertain() const noexcept {
  return lost_ || std::any_of(queue_.begin(), queue_.end(),
                              [](const Sent& sent) { return sent.kind == Kind::SpareSync; });
}

bool SyncTracker::copyIn() const noexcept {
  return copying_ && std::none_of(queue_.begin(), queue_.end(),
                                  [](const Sent& sent) { return sent.kind == Kind::CopyEnd; });
}

bool SyncTracker::unsynced() const noexcept {
  if (discarding_ || perhaps_discarding_) {
    return true;
  }
  // A Sync in front of a COPY's end is thrown away.
  auto begin = queue_.begin();
  if (copying_) {
    begin = std::find_if(begin, queue_.end(),
                         [](const Sent& sent) { return sent.kind == Kind::CopyEnd; });
  }
  bool open = copying_ && queue_.front().kind == Kind::Batch;
  for (; begin != queue_.end(); ++begin) {
    open = begin->kind == Kind::Batch || (open && begin->kind == Kind::CopyEnd);
  }
  return open;
}

void SyncTracker::lose() {
  lost_ = true;
  copying_ = false;
  queue_.clear();
  done_ = sent_;
  unnamed_at_ = kNever;
}

}  // namespace peerpool::postgres
