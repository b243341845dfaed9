#include "proxy/postgres/link_state.h"

#include <algorithm>
#include <utility>

namespace peerpool::postgres {

void LinkState::begin(const config::Pool& settings, PinCounts& pins, SessionRemains& remains) {
  pins_ = &pins;
  policy_ = settings.session_state;
  if (settings.mode == config::PoolMode::Session) {
    pinned_ = StateKind::Session;
    remains.distrust();
  }
}

void LinkState::onState(StateKind state, SessionRemains& remains) {
  remains.distrust();  // A text may mean something else where settings were changed.
  switch (policy_) {
    case config::SessionState::Pin:
      if (!pinned_) {
        pinned_ = state;
        pins_->add(state);
      }
      return;
    case config::SessionState::Reset:
      return;
    case config::SessionState::Refuse:
      refused_ = refused_ || !pinned_;
      return;
  }
}

void LinkState::onSent(SessionEffect effect, char status, const FollowedSettings& followed,
                       SessionRemains& remains) {
  const bool follows = policy_ == config::SessionState::Pin && status == 'I' && !pending_ &&
                       followed.hasRoom(effect.settings().size());
  if (!follows) {
    effect.dropSettings();
  }
  if (effect.rereads()) {
    remains.distrust();
  }
  if (pending_ != nullptr && effect.uncertain()) {
    pending_.reset();
    onState(StateKind::Parameter, remains);
  }
  const bool leaves = effect.kind() != SessionEffect::Kind::None || !effect.settings().empty();
  discards_ = effect.discards() || (discards_ && !leaves);
  if (effect.dropsResets() && !followed.empty()) {
    onState(StateKind::Parameter, remains);
  }
  changing_ = changing_ || effect.changesParameters();
  harmless_tags_ += effect.harmlessTags();
  if (effect.kind() == SessionEffect::Kind::State) {
    onState(effect.state(), remains);
  } else if (effect.kind() == SessionEffect::Kind::Unknown) {
    remains.touch();
  }
  if (!effect.settings().empty()) {
    pending_ = std::make_unique<Pending>(Pending{effect.settings(), effect.settingCommands()});
  }
}

void LinkState::onAnswer(const ServerScanner::Scan& scan, SessionRemains& remains) {
  const std::size_t foreseen = std::min(harmless_tags_, scan.state_tags);
  harmless_tags_ -= foreseen;
  if (scan.state_tags > foreseen) {
    onState(scan.state, remains);
  }
  discarded_ = discarded_ || scan.discards;
  if (pending_ != nullptr) {
    pending_->answered += scan.set_tags;
    pending_->failed = pending_->failed || scan.failed;
  }
}

void LinkState::onReady(char status, bool idle, FollowedSettings& followed, FollowedSettings& there,
                        SessionRemains& remains) {
  if (pending_ != nullptr) {
    finish(status, followed, there, remains);
  }
  if (std::exchange(discarded_, false)) {
    followed.clear();
    there.clear();
    if (idle && discards_ && pinned_ != StateKind::Session) {
      pinned_.reset();
    }
  }
  if (idle) {
    harmless_tags_ = 0;  // Those of commands that were not carried out.
    changing_ = changing_ && status != 'I';
  }
}

/// What was sent first in this link, or behind an earlier ReadyForQuery, is answered.
void LinkState::finish(char status, FollowedSettings& followed, FollowedSettings& there,
                       SessionRemains& remains) {
  const std::unique_ptr<Pending> pending = std::move(pending_);
  if (pending->failed && status == 'I') {
    if (pending->answered > 0) {
      remains.distrust();  // All of it was undone, unless what followed was carried out alone.
    }
  } else if (status != 'I' || pending->answered != pending->commands) {
    onState(StateKind::Parameter, remains);  // What was only parsed may be carried out later.
  } else {
    for (const Setting& setting : pending->settings) {
      followed.apply(setting);
      there.apply(setting);
    }
  }
}

}  // namespace peerpool::postgres
