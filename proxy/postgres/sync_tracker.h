// Tells when a server that is linked to a client owes nothing more: the sync point.
//
// Follows what the server does with each message of the client, by its answers. Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace peerpool::postgres {

/// State of one link; starts anew with each.
///
/// The server reads the client's messages in their order, so the front of the queue is what it
/// works on. Each Query and FunctionCall brings one ReadyForQuery, each Sync one, nothing else
/// does. After an error in the extended protocol it throws away all up to the next Sync (PostgreSQL
/// manual, "Extended Query"). While it reads a COPY it throws away every Sync up to CopyDone or
/// CopyFail ("COPY Operations"); but a COPY that fails is over at once, and nobody is told how much
/// of what was sent had been read by then: such a Sync was thrown away, or it will be answered.
///
///   it works on | and says             | so
///   ------------+----------------------+----------------------------------------------------------
///   Query       | CopyInResponse       | a COPY is read
///               | ReadyForQuery        | done; if it said nothing before, that can't be its answer
///   Batch       | CopyInResponse       | a COPY is read
///               | ErrorResponse        | all up to the next Sync is thrown away, Queries too; but
///               |                      | it is that of a Query if all in front of that is answered
///               | ReadyForQuery        | done, with the Sync or Query behind it, as above
///   a COPY      | CommandComplete      | all up to CopyDone was thrown away
///               | ErrorResponse        | each Sync up to the end of the COPY is spare, the rest is
///               |                      | as above; lost if a request may have been read as well
///   Sync        | ReadyForQuery        | done
///   SpareSync   | ReadyForQuery        | one less, or one less of the Syncs that follow it
///               | what a Query or a    | all spare ones in front of that were thrown away
///               | Batch behind it says |
///   CopyEnd     |                      | thrown away as soon as it is at the front
class SyncTracker {
 public:
  /// Messages that may be outstanding before the client is read no further.
  static constexpr std::size_t kLimit = 4096;

  /// A message of the client was passed on; `type` as on the wire.
  void onClientMessage(char type);
  /// The message told of last parses the unnamed statement.
  void onUnnamedParse();
  /// It closes that, or what others left of it was closed.
  void onUnnamedClose() noexcept;
  /// It binds that.
  void onUnnamedBind() noexcept { unnamed_bound_ = true; }

  /// The server began to read a COPY.
  void onCopyIn();
  void onCommandComplete();
  void onError();
  /// Any other answer to a request (not a notice, a notification or a parameter). `last`: if it
  /// answers a message of the extended protocol, no more will follow for that one.
  void onAnswer(bool last = false) {
    if (!queue_.empty()) {
      answered_ = true;
      if (!isRequest(queue_.front())) {
        dropSpare();
      }
      if (last) {
        finishMessage();
      }
    }
  }
  /// False: the server owed none, so it can't be trusted any more.
  [[nodiscard]] bool onReadyForQuery();

  /// Nothing is owed, and the client has closed its last batch.
  [[nodiscard]] bool atSyncPoint() const noexcept {
    return queue_.empty() && !discarding_ && !lost_;
  }
  /// The same, and no COPY is under way.
  [[nodiscard]] bool idle() const noexcept { return atSyncPoint() && !copyIn(); }
  /// The server has the unnamed statement that the link parsed last.
  [[nodiscard]] bool hasUnnamed() const noexcept { return unnamed_at_ != kNever; }
  /// The same, and the client has not bound it yet.
  [[nodiscard]] bool awaitsBind() const noexcept { return hasUnnamed() && !unnamed_bound_; }
  /// The server's unnamed statement is this link's, if there is one: it was parsed, or what was
  /// there before was dropped, by a Query for instance.
  [[nodiscard]] bool ownsUnnamed() const noexcept { return hasUnnamed() || owned_at_ != kNever; }
  /// Messages of the extended protocol that were sent, a Sync apart, and that the server is done
  /// with: answered, or thrown away after an error. In their order; never go back.
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t done() const noexcept { return done_; }
  /// Syncs and Queries that were sent: what is sent after one is carried out whatever became of
  /// what was sent before.
  [[nodiscard]] std::uint64_t batch() const noexcept { return batch_; }
  /// What is sent now is thrown away, up to a Sync; or nobody knows.
  [[nodiscard]] bool discards() const noexcept {
    return discarding_ || perhaps_discarding_ || lost_;
  }
  /// Nobody can know any more what it owes.
  [[nodiscard]] bool lost() const noexcept { return lost_; }
  [[nodiscard]] bool full() const noexcept { return queue_.size() >= kLimit; }
  /// The server may or may not answer a Sync: it stays with the client until an answer tells, or
  /// for ever.
  [[nodiscard]] bool uncertain() const noexcept;
  /// The server reads a COPY that the client has not ended.
  [[nodiscard]] bool copyIn() const noexcept;
  /// A COPY failed before the client ended it: CopyData may follow, though nobody reads it.
  [[nodiscard]] bool copyCutShort() const noexcept { return cut_short_; }
  /// A ReadyForQuery will come without another word of the client.
  [[nodiscard]] bool owesReadyForQuery() const noexcept {
    return !atSyncPoint() && !unsynced() && !copyIn() && !uncertain();
  }
  /// The client left a batch of the extended protocol open: it takes a Sync to get an answer.
  [[nodiscard]] bool unsynced() const noexcept;

 private:
  enum class Kind : std::uint8_t {
    Query,      // Or FunctionCall.
    Batch,      // Messages of the extended protocol without a Sync in between; `count` of them
                // are not answered yet.
    Sync,       // `count` of them.
    SpareSync,  // `count` that may have been thrown away.
    CopyEnd,    // `count` of CopyDone or CopyFail, for a COPY that is or may be under way.
  };
  struct Sent {
    Kind kind;
    std::uint32_t count;
  };
  using Position = std::vector<Sent>::iterator;
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  [[nodiscard]] static bool isRequest(const Sent& sent) noexcept {
    return sent.kind == Kind::Query || sent.kind == Kind::Batch;
  }
  [[nodiscard]] Position skip(Kind kind, Position position) noexcept;
  [[nodiscard]] Position nextReady() noexcept;
  void push(Kind kind);
  void request(Kind kind);
  void failCopy();
  void failBatch();
  void fail(Position end);
  void dropSpare();
  void finishMessage() noexcept;
  Position drop(Position first, Position end);
  void lose();

  std::vector<Sent> queue_;  // In the order sent; the server works on the front.
  std::uint64_t sent_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t batch_ = 0;
  std::uint64_t unnamed_at_ = kNever;  // sent_ before the unnamed statement was parsed last,
  std::uint64_t owned_at_ = kNever;    // and before it was parsed or dropped first.
  bool copying_ = false;               // It reads a COPY of the front, which is a Query or Batch.
  bool answered_ = false;              // It said something about the front.
  bool discarding_ = false;  // It throws away all up to a Sync that the client has not sent yet,
  bool perhaps_discarding_ = false;  // or does so unless one of the spare Syncs is answered.
  bool unnamed_bound_ = false;
  bool cut_short_ = false;
  bool lost_ = false;  // Nobody can know any more what it owes.
};

}  // namespace peerpool::postgres
