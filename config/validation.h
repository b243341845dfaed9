// What the checks of validate() share: the configuration, and where to complain.

#pragma once

#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/model.h"
#include "config/places.h"

namespace peerpool::config {

/// All that it refers to must outlive it.
class Validation {
 public:
  Validation(const Config& config, const Places& places, Diagnostics& out)
      : config_(config), places_(places), out_(out), read_(out) {}

  [[nodiscard]] const Config& config() const noexcept { return config_; }

  /// About `key` ("as", "roles[1]") of the thing that stands at `owner`; empty is the thing itself,
  /// and so is a key that is not in the file.
  void error(const Location& owner, const std::string& key, std::string message,
             std::string hint = "") const;
  void warning(const Location& owner, const std::string& key, std::string message,
               std::string hint = "") const;
  /// True when the thing at `owner` was read without errors; what the checks found does not count,
  /// so that none hides another.
  [[nodiscard]] bool isSound(const Location& owner) const;
  /// The same for one key of it.
  [[nodiscard]] bool isSound(const Location& owner, const std::string& key) const;
  /// Is there any error by now, from reading or from the checks?
  [[nodiscard]] bool hasErrors() const noexcept { return out_.hasErrors(); }
  /// Backends that a rule reaches: its own, or those of its listeners. Only known and sound ones.
  [[nodiscard]] std::vector<const Backend*> backendsOf(const PolicyRule& rule) const;

 private:
  void report(Diagnostic::Severity severity, const Location& owner, const std::string& key,
              std::string message, std::string hint) const;

  const Config& config_;
  const Places& places_;
  Diagnostics& out_;
  const Diagnostics read_;  // As reading left them.
};

}  // namespace peerpool::config
