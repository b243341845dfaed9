// The words of the file that stand for an enumerator and are also printed: one table for both ways.

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "config/model.h"

namespace peerpool::config {

/// A word of the file and what it means.
template <typename T>
struct Word {
  std::string_view text;
  T meaning;
};

/// The word that means it; empty when the table has none.
template <typename T, std::size_t kCount>
[[nodiscard]] constexpr std::string_view textOf(const std::array<Word<T>, kCount>& words,
                                                T meaning) {
  for (const Word<T>& word : words) {
    if (word.meaning == meaning) {
      return word.text;
    }
  }
  return {};
}

inline constexpr std::array kPoolModes = {
    Word<PoolMode>{"session", PoolMode::Session},
    Word<PoolMode>{"transaction", PoolMode::Transaction},
    Word<PoolMode>{"statement", PoolMode::Statement},
};

inline constexpr std::array kSessionStates = {
    Word<SessionState>{"pin", SessionState::Pin},
    Word<SessionState>{"reset", SessionState::Reset},
    Word<SessionState>{"refuse", SessionState::Refuse},
};

inline constexpr std::array kIsolations = {
    Word<Isolate>{"none", Isolate::None},
    Word<Isolate>{"rule", Isolate::Rule},
    Word<Isolate>{"identity", Isolate::Identity},
    Word<Isolate>{"uid", Isolate::Uid},
};

/// Of on_revoke and at_window_end.
inline constexpr std::array kSessionEnds = {
    Word<OnRevoke>{"close", OnRevoke::Close},
    Word<OnRevoke>{"drain", OnRevoke::Drain},
    Word<OnRevoke>{"keep", OnRevoke::Keep},
};

/// Of a listener.
inline constexpr std::array kContainerPolicies = {
    Word<Containers>{"deny", Containers::Deny},
    Word<Containers>{"allow", Containers::Allow},
    Word<Containers>{"only", Containers::Only},
};

inline constexpr std::array kLoginMethods = {
    Word<LoginMethod>{"peer", LoginMethod::Peer},
    Word<LoginMethod>{"trust", LoginMethod::Trust},
    Word<LoginMethod>{"scram", LoginMethod::Scram},
};

}  // namespace peerpool::config
