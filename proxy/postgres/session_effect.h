// What a text of SQL may leave behind in the session that carries it out. Found by looking at its
// words: no parser, and nothing is known of the functions, views and triggers that it uses.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/postgres/set_command.h"

namespace peerpool::postgres {

/// A kind of session state that a client may count on later, and that only its server has.
enum class StateKind : std::uint8_t {
  Parameter,  ///< SET and set_config() of a parameter that cannot follow the client.
  Role,       ///< SET ROLE, SET SESSION AUTHORIZATION.
  TemporaryTable,
  AdvisoryLock,
  Listen,
  Cursor,     ///< WITH HOLD.
  Statement,  ///< SQL's PREPARE, or one of the protocol that is too large to be kept.
  Session,    ///< All of it: session pooling.
};

/// But for Session.
inline constexpr std::array kStateKinds = {
    StateKind::Parameter, StateKind::Role,   StateKind::TemporaryTable, StateKind::AdvisoryLock,
    StateKind::Listen,    StateKind::Cursor, StateKind::Statement};

/// As an administrator reads it: "temporary table".
[[nodiscard]] std::string_view describe(StateKind state) noexcept;

class SessionEffect {
 public:
  enum class Kind : std::uint8_t {
    None,     ///< Whoever comes next on that server cannot tell.
    Unknown,  ///< It has to be reset before anybody else gets it.
    State,    ///< The same, and the client may count on it.
  };

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  /// Of Kind::State.
  [[nodiscard]] StateKind state() const noexcept { return state_; }
  /// In their order: if the text succeeds outside of a transaction, they are what it leaves of
  /// parameters.
  [[nodiscard]] const std::vector<Setting>& settings() const noexcept { return settings_; }
  /// Commands with the tag SET or RESET that `settings` are a part of.
  [[nodiscard]] std::size_t settingCommands() const noexcept { return setting_commands_; }
  /// While its transaction lasts, parameters may be other than is known from elsewhere.
  [[nodiscard]] bool changesParameters() const noexcept { return changes_parameters_; }
  /// Commands whose tags speak of state (stateOf()), though they leave none, or what is followed.
  [[nodiscard]] std::size_t harmlessTags() const noexcept { return harmless_tags_; }

  /// currval() or lastval() is called: it counts on what the session did with sequences before.
  [[nodiscard]] bool readsSequences() const noexcept { return reads_sequences_; }
  /// It ends with DISCARD ALL, or nothing behind that leaves anything.
  [[nodiscard]] bool discards() const noexcept { return discards_; }

  void onDiscardAll() noexcept {
    discards_ = true;
    resets_.set();
  }
  void onUnknown() noexcept {
    discards_ = false;
    if (kind_ == Kind::None) {
      kind_ = Kind::Unknown;
    }
  }
  void onState(StateKind state) noexcept {
    discards_ = false;
    if (kind_ != Kind::State) {
      kind_ = Kind::State;
      state_ = state;
    }
  }
  void onSetting(Setting setting) { settings_.push_back(std::move(setting)); }
  void onHarmlessTag() noexcept { ++harmless_tags_; }
  void onSettingCommand() noexcept { ++setting_commands_; }
  /// Tracked parameters that it may bring back to what they were at the start of the session.
  [[nodiscard]] const TrackedSet& resets() const noexcept { return resets_; }
  /// What is sent later may mean something else than its words seem to say.
  [[nodiscard]] bool rereads() const noexcept { return rereads_; }
  /// It may end a transaction in its middle: what is set before may last though what follows fails,
  /// or not last though nothing does.
  [[nodiscard]] bool uncertain() const noexcept { return uncertain_; }

  void onChange() noexcept { changes_parameters_ = true; }
  void onResets(const TrackedSet& parameters) noexcept { resets_ |= parameters; }
  void onReread() noexcept { rereads_ = true; }
  /// Its settings, and those of what is added, can't follow.
  void onUncertain() {
    uncertain_ = true;
    dropSettings();
  }
  void onSequenceRead() noexcept { reads_sequences_ = true; }
  /// They can't follow: nobody will know whether they succeeded.
  void dropSettings();
  /// Some of those were RESETs, which mean nothing to a client that has set nothing.
  [[nodiscard]] bool dropsResets() const noexcept { return drops_resets_; }
  /// Another text is sent behind it.
  void add(const SessionEffect& other);

 private:
  Kind kind_ = Kind::None;
  StateKind state_ = StateKind::Parameter;
  std::uint32_t harmless_tags_ = 0;
  std::uint32_t setting_commands_ = 0;
  bool changes_parameters_ = false;
  bool discards_ = false;
  bool drops_resets_ = false;
  bool reads_sequences_ = false;
  TrackedSet resets_;
  bool rereads_ = false;
  bool uncertain_ = false;
  std::vector<Setting> settings_;
};

/// Assumes standard_conforming_strings; a text that switches it off has an effect itself.
[[nodiscard]] SessionEffect effectOf(std::string_view sql);

}  // namespace peerpool::postgres
