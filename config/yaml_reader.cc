#include "config/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "config/wording.h"
#include "config/yaml_text.h"

namespace peerpool::config {
namespace {

/// Ends the parse of a file; what is wrong has been reported.
struct Stop {};

/// Builds the tree from yaml-cpp's events: unlike its nodes, they show anchors, tags and all keys,
/// and nothing is expanded.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const YamlText& text, Diagnostics& out) : text_(text), out_(out) {}

  /// Only after the parse; no value: the file holds no document.
  [[nodiscard]] std::optional<YamlNode> take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) {
      out_.error(locate(mark), "", "a second document begins here",
                 "one file holds one document: remove the line of dashes or dots before it");
      throw Stop();
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { addScalar(mark, {}); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    out_.error(locate(mark), path(), "aliases (*name) are not supported",
               "write the value out, or quote text that begins with *");
    addScalar(mark, YamlNode::Kind::Refused);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const std::string_view source = text_.rest(line(mark), column(mark));
    // yaml-cpp gives quoted text the tag "!", which an author may also write.
    const bool plain = tag != "!" || source.substr(0, 1) == "!";
    const bool usable = !refuseTag(mark, plain && tag == "!" ? "! " : tag) && anchor == 0 &&
                        checkText(mark, source, plain, value);
    if (!usable) {
      addScalar(mark, YamlNode::Kind::Refused);
      return;
    }
    addScalar(mark, plain ? YamlNode::Kind::Plain : YamlNode::Kind::Quoted, value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, YamlNode::Kind::List);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, YamlNode::Kind::Map);
  }
  void OnMapEnd() override { close(); }

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    out_.error(locate(mark), path(), "anchors (&" + name + ") are not supported",
               "remove it, or quote text that begins with &");
  }

 private:
  /// A list or map whose end has not come yet.
  struct Open {
    YamlNode node;
    std::string path;
    std::string key;  // Of a map: the key that waits for its value.
    Location key_where;
    bool has_key = false;
  };

  static std::size_t line(const YAML::Mark& mark) { return static_cast<std::size_t>(mark.line); }
  static std::size_t column(const YAML::Mark& mark) {
    return static_cast<std::size_t>(mark.column);
  }
  [[nodiscard]] Location locate(const YAML::Mark& mark) const {
    return text_.locate(line(mark), column(mark));
  }

  [[nodiscard]] bool expectsKey() const {
    return !open_.empty() && open_.back().node.kind == YamlNode::Kind::Map && !open_.back().has_key;
  }

  /// The path of the node that comes next.
  [[nodiscard]] std::string path() const {
    if (open_.empty()) {
      return {};
    }
    const Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::List) {
      return childPath(parent.path, parent.node.children.size());
    }
    return parent.has_key ? childPath(parent.path, parent.key) : parent.path;
  }

  bool refuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") {
      return false;
    }
    out_.error(locate(mark), path(), "tags (" + tag + ") are not supported",
               "remove it, or quote text that begins with !");
    return true;
  }

  /// Text is one line; `source` is what the file has from its first character on.
  bool checkText(const YAML::Mark& mark, std::string_view source, bool plain,
                 const std::string& value) {
    if (std::any_of(value.begin(), value.end(), isControl)) {
      out_.error(locate(mark), path(), "the text contains a control character",
                 "text is one line without tabs and escapes");
      return false;
    }
    if (plain && source.substr(0, value.size()) != value) {
      out_.error(locate(mark), path(), "text without quotes goes on in the next line",
                 "a colon or a dash is missing, or the text must be quoted");
      return false;
    }
    // yaml-cpp takes the end of the file for a closing quote.
    if (!plain && !closesItsQuote(source)) {
      out_.error(locate(mark), path(), "this quote is not closed in its line",
                 "text is one line: close the quote");
      return false;
    }
    return true;
  }

  void count(const YAML::Mark& mark) {
    if (++nodes_ > kMaxNodes) {
      out_.error(locate(mark), path(),
                 "the file has more than " + std::to_string(kMaxNodes) + " values",
                 "split it into files that include: names");
      throw Stop();
    }
  }

  void addScalar(const YAML::Mark& mark, std::optional<YamlNode::Kind> kind,
                 const std::string& value = {}) {
    count(mark);
    if (expectsKey()) {
      setKey(mark, kind, value);
      return;
    }
    YamlNode node;
    node.kind = kind.value_or(YamlNode::Kind::Null);
    node.text = value;
    node.where = locate(mark);
    add(std::move(node));
  }

  void setKey(const YAML::Mark& mark, std::optional<YamlNode::Kind> kind, const std::string& key) {
    if (!kind || (key.empty() && kind != YamlNode::Kind::Refused)) {
      out_.error(locate(mark), path(), "a key is missing before this colon",
                 "write a key, or take the colon out");
    } else if (key == "<<") {
      out_.error(locate(mark), path(), "merge keys (<<) are not supported", "write the keys out");
    }
    Open& map = open_.back();
    map.key = key;
    map.key_where = locate(mark);
    map.has_key = true;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YamlNode::Kind kind) {
    count(mark);
    if (open_.size() >= kMaxDepth) {
      out_.error(locate(mark), path(),
                 "lists and maps are nested deeper than " + std::to_string(kMaxDepth) + " levels",
                 "no setting lies that deep");
      throw Stop();
    }
    if (expectsKey()) {
      out_.error(locate(mark), path(), "a key must be text, not a list or a map",
                 "quote text that begins with { or [");
      throw Stop();
    }
    refuseTag(mark, tag);
    Open next;
    next.path = path();
    next.node.kind = kind;
    next.node.where = locate(mark);
    open_.push_back(std::move(next));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.node.kind == YamlNode::Kind::Map) {
      removeDuplicates(done);
    }
    add(std::move(done.node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.has_key) {
      node.key = std::exchange(parent.key, {});
      node.key_where = parent.key_where;
      parent.has_key = false;
      if (node.key.empty() || node.key == "<<") {
        return;  // Reported with its key.
      }
    }
    parent.node.children.push_back(std::move(node));
  }

  void removeDuplicates(Open& map) {
    std::vector<YamlNode>& all = map.node.children;
    std::vector<std::pair<std::string_view, std::size_t>> keys;
    for (std::size_t i = 0; i < all.size(); ++i) {
      keys.emplace_back(all[i].key, i);
    }
    std::sort(keys.begin(), keys.end());
    std::vector<bool> duplicate(all.size(), false);
    std::size_t first = 0;
    for (std::size_t i = 1; i < keys.size(); ++i) {
      if (keys[i].first != keys[first].first) {
        first = i;
        continue;
      }
      const YamlNode& again = all[keys[i].second];
      duplicate[keys[i].second] = true;
      out_.error(again.key_where, childPath(map.path, again.key),
                 "this key is there twice, first in line " +
                     std::to_string(all[keys[first].second].key_where.line),
                 "keep one of them");
    }
    std::vector<YamlNode> unique;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!duplicate[i]) {
        unique.push_back(std::move(all[i]));
      }
    }
    all = std::move(unique);
  }

  const YamlText& text_;
  Diagnostics& out_;
  std::optional<YamlNode> root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
};

void reportSyntax(const YAML::Exception& error, const YamlText& text, Diagnostics& out) {
  if (error.mark.is_null()) {
    out.error({text.file(), 0, 0}, "", "not valid YAML: " + error.msg);
    return;
  }
  const auto line = static_cast<std::size_t>(error.mark.line);
  const auto column = static_cast<std::size_t>(error.mark.column);
  out.error(text.locate(line, column), "", "not valid YAML: " + error.msg,
            text.hintAt(line, column));
}

}  // namespace

std::string childPath(const std::string& parent, std::string_view key) {
  const bool plain = !key.empty() && key.find_first_not_of(
                                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_-") == std::string_view::npos;
  const std::string shown = plain ? std::string(key) : quoted(key);
  return parent.empty() ? shown : parent + '.' + shown;
}

std::string childPath(const std::string& parent, std::size_t index) {
  return parent + '[' + std::to_string(index) + ']';
}

std::optional<YamlNode> readYaml(std::string_view text, const std::string& file, Diagnostics& out) {
  if (text.size() > kMaxFileSize) {
    out.error({file, 0, 0}, "",
              "the file is larger than " + std::to_string(kMaxFileSize >> 20U) + " MiB");
    return std::nullopt;
  }
  const YamlText source(text, file);
  if (!source.check(out)) {
    return std::nullopt;
  }
  std::istringstream stream{std::string(text)};
  TreeBuilder builder(source, out);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    reportSyntax(error, source, out);
    return std::nullopt;
  } catch (const Stop&) {
    return std::nullopt;
  }
  std::optional<YamlNode> root = builder.take();
  if (!root || root->kind == YamlNode::Kind::Null) {
    out.error({file, 1, 1}, "", "the file is empty", "write keys into it, or remove it");
    return std::nullopt;
  }
  return root;
}

}  // namespace peerpool::config
