#include "proxy/postgres/statement.h"

#include <utility>

namespace peerpool::postgres {

Statement::Statement(std::string key, std::size_t settings_length)
    : key_(std::move(key)), settings_length_(settings_length) {
  effect_ = effectOf(definition().substr(0, definition().find('\0')));
  effect_.dropSettings();  // It may be carried out at any time.
}

std::shared_ptr<const Statement> StatementTable::intern(ByteView definition,
                                                        std::string_view settings) {
  // A length in front, so that no settings and text can be read as others.
  std::string key = std::to_string(settings.size()).append(1, ' ').append(settings);
  const std::size_t front = key.size();
  key += asText(definition);
  const auto found = index_->find(key);
  if (found != index_->end()) {
    return found->second.lock();
  }
  std::shared_ptr<const Statement> made(
      new Statement(std::move(key), front), [index = index_](const Statement* statement) {
        index->erase(statement->key());
        delete statement;  // NOLINT(cppcoreguidelines-owning-memory): a deleter.
      });
  index_->emplace(made->key(), made);
  return made;
}

std::shared_ptr<const Statement> ClientStatements::find(std::string_view name) const {
  const auto found = by_name_.find(keyOf(name));
  return found == by_name_.end() ? nullptr : found->second;
}

std::string_view ClientStatements::nameOf(const Statement& statement) const noexcept {
  for (const auto& [name, known] : by_name_) {
    if (known.get() == &statement) {
      return name;
    }
  }
  return {};
}

std::shared_ptr<const Statement> ClientStatements::set(std::string_view name,
                                                       std::shared_ptr<const Statement> statement) {
  name = keyOf(name);
  std::shared_ptr<const Statement> before;
  if (const auto found = by_name_.find(name); found != by_name_.end()) {
    bytes_ -= cost(found->second->definition().size());
    before = std::move(found->second);
    by_name_.erase(found);
  }
  if (statement != nullptr) {
    bytes_ += cost(statement->definition().size());
    by_name_.emplace(name, std::move(statement));
  }
  return before;
}

void ClientStatements::clear() noexcept {
  by_name_.clear();
  bytes_ = 0;
}

}  // namespace peerpool::postgres
