#include "config/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace peerpool::config {
namespace {

std::string describeAll(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) {
      text += '\n';
    }
    text += describe(diagnostic);
  }
  return text;
}

/// Is `path` the path `prefix` or one below it?
bool isWithin(const std::string& path, const std::string& prefix) {
  return path.compare(0, prefix.size(), prefix) == 0 &&
         (path.size() == prefix.size() || path[prefix.size()] == '.' || path[prefix.size()] == '[');
}

}  // namespace

std::string describe(const Diagnostic& diagnostic) {
  std::string text = describe(diagnostic.where);
  text += diagnostic.severity == Diagnostic::Severity::Error ? ": error: " : ": warning: ";
  if (!diagnostic.path.empty()) {
    text += diagnostic.path + ": ";
  }
  text += diagnostic.message;
  if (!diagnostic.hint.empty()) {
    text += "\n  hint: " + diagnostic.hint;
  }
  return text;
}

void Diagnostics::error(Location where, std::string path, std::string message, std::string hint) {
  all_.push_back({Diagnostic::Severity::Error, std::move(where), std::move(path),
                  std::move(message), std::move(hint)});
}

void Diagnostics::warning(Location where, std::string path, std::string message, std::string hint) {
  all_.push_back({Diagnostic::Severity::Warning, std::move(where), std::move(path),
                  std::move(message), std::move(hint)});
}

bool Diagnostics::hasErrors() const noexcept {
  return std::any_of(all_.begin(), all_.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Severity::Error;
  });
}

bool Diagnostics::hasErrorsWithin(const std::string& file, const std::string& path) const noexcept {
  return std::any_of(all_.begin(), all_.end(), [&](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Severity::Error && diagnostic.where.file == file &&
           isWithin(diagnostic.path, path);
  });
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> result = all_;
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.where.file, a.where.line, a.where.column) <
           std::tie(b.where.file, b.where.line, b.where.column);
  });
  return result;
}

InvalidConfig::InvalidConfig(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(describeAll(diagnostics)), diagnostics_(std::move(diagnostics)) {}

}  // namespace peerpool::config
