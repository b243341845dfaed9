#include "config/validation.h"

#include <algorithm>
#include <utility>

namespace peerpool::config {

void Validation::error(const Location& owner, const std::string& key, std::string message,
                       std::string hint) const {
  report(Diagnostic::Severity::Error, owner, key, std::move(message), std::move(hint));
}

void Validation::warning(const Location& owner, const std::string& key, std::string message,
                         std::string hint) const {
  report(Diagnostic::Severity::Warning, owner, key, std::move(message), std::move(hint));
}

void Validation::report(Diagnostic::Severity severity, const Location& owner,
                        const std::string& key, std::string message, std::string hint) const {
  const std::string owner_path = places_.pathAt(owner);
  std::string path = key.empty() ? owner_path : owner_path + '.' + key;
  const Location* where = places_.find(owner.file, path);
  if (where == nullptr && !path.empty() && path.back() == ']') {
    // A single value may stand where a list could.
    path.erase(path.rfind('['));
    where = places_.find(owner.file, path);
  }
  if (where == nullptr) {
    path = owner_path;
    where = &owner;
  }
  if (severity == Diagnostic::Severity::Error) {
    out_.error(*where, std::move(path), std::move(message), std::move(hint));
  } else {
    out_.warning(*where, std::move(path), std::move(message), std::move(hint));
  }
}

bool Validation::isSound(const Location& owner) const {
  return !read_.hasErrorsWithin(owner.file, places_.pathAt(owner));
}

bool Validation::isSound(const Location& owner, const std::string& key) const {
  return !read_.hasErrorsWithin(owner.file, places_.pathAt(owner) + '.' + key);
}

std::vector<const Backend*> Validation::backendsOf(const PolicyRule& rule) const {
  std::vector<const Backend*> backends;
  const auto add = [&](const std::string& name) {
    const Backend* const backend = findBackend(config_, name);
    if (backend != nullptr && isSound(backend->where) &&
        std::find(backends.begin(), backends.end(), backend) == backends.end()) {
      backends.push_back(backend);
    }
  };
  for (const std::string& name : rule.listeners) {
    const Listener* const listener = findListener(config_, name);
    if (listener != nullptr) {
      add(rule.backend.empty() ? listener->backend : rule.backend);
    }
  }
  return backends;
}

}  // namespace peerpool::config
