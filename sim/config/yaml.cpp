#include "sim/config/yaml.hpp"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

namespace {

constexpr std::uintmax_t kLargestFile = 64U << 20U;
constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostAliased = 100'000;

std::size_t count_values(const Node& node) {
  std::size_t n = 1;
  for (const Node& item : node.items) n += count_values(item);
  for (const Member& member : node.members) n += count_values(member.value);
  return n;
}

/// Builds the tree out of the parser's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const std::string> file, Diagnostics& diagnostics)
      : file_(std::move(file)), diagnostics_(diagnostics) {}

  std::optional<Node> take_root() { return std::exchange(root_, std::nullopt); }
  Location place(const YAML::Mark& mark) const {
    return mark.is_null() ? Location{file_, 0, 0} : Location{file_, mark.line + 1, mark.column + 1};
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.where = place(mark);
    finish(std::move(node), anchor, false);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = Node::scalar(value, place(mark));
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    refuse_unknown_tag(tag, node.where);
    finish(std::move(node), anchor, true);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YAML::ParserException(mark, "this alias stands inside what it repeats");
    aliased_ += count_values(found->second);
    if (aliased_ > kMostAliased)
      throw YAML::ParserException(mark, "aliases repeat more than " + std::to_string(kMostAliased) + " values");
    Node copy = found->second;
    if (depth_of(copy) + open_.size() > kDeepest) too_deep(mark);
    finish(std::move(copy), 0, true);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::sequence(), mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::mapping(), mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Node> key;                     ///< read, waiting for its value
    std::unordered_map<std::string, int> lines;  ///< of the keys so far
    std::vector<Node> merges;
  };

  static std::size_t depth_of(const Node& node) {
    std::size_t deepest = 0;
    for (const Node& item : node.items) deepest = std::max(deepest, depth_of(item));
    for (const Member& member : node.members) deepest = std::max(deepest, depth_of(member.value));
    return deepest + 1;
  }

  [[noreturn]] static void too_deep(const YAML::Mark& mark) {
    throw YAML::ParserException(mark, "nested deeper than " + std::to_string(kDeepest) + " levels");
  }

  void refuse_unknown_tag(const std::string& tag, const Location& where) {
    constexpr std::string_view kCore = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?" || tag == "!") return;
    if (tag.starts_with(kCore)) {
      const std::string_view name = std::string_view(tag).substr(kCore.size());
      for (const std::string_view known : {"str", "int", "float", "bool", "null", "seq", "map"})
        if (name == known) return;
    }
    diagnostics_.error(where, path(), "unknown tag \"" + tag + "\"; values here carry no tags");
  }

  /// The key path of the value being read.
  std::string path() const {
    std::string out;
    for (const Frame& frame : open_) {
      if (frame.node.kind == Node::Kind::sequence)
        out += '[' + std::to_string(frame.node.items.size()) + ']';
      else if (frame.key)
        out = join_key(out, frame.key->text);
    }
    return out;
  }

  void open(Node node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (open_.size() >= kDeepest) too_deep(mark);
    node.where = place(mark);
    refuse_unknown_tag(tag, node.where);
    open_.push_back(Frame{std::move(node), anchor, {}, {}, {}});
  }

  void close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    for (Node& merged : frame.merges)
      for (Member& member : merged.members)
        if (!frame.node.find(member.key)) frame.node.members.push_back(std::move(member));
    finish(std::move(frame.node), frame.anchor, true);
  }

  void finish(Node node, YAML::anchor_t anchor, bool usable_key) {
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& parent = open_.back();
    if (parent.node.kind == Node::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (!usable_key || node.kind != Node::Kind::scalar || node.text.size() > kLongestKey) {
        diagnostics_.error(node.where, path(),
                           "a key must be a name of at most " + std::to_string(kLongestKey) + " bytes");
        node = Node::scalar({}, node.where);
      }
      parent.key = std::move(node);
    } else {
      add_member(parent, std::move(node));
    }
  }

  void add_member(Frame& parent, Node value) {
    if (parent.key->text == "<<" && !parent.key->quoted) {
      take_merge(parent, std::move(value));
      parent.key.reset();
      return;
    }
    const auto [seen, fresh] = parent.lines.try_emplace(parent.key->text, parent.key->where.line);
    if (fresh) {
      parent.node.members.push_back(Member{parent.key->text, parent.key->where, std::move(value)});
    } else {
      diagnostics_.error(parent.key->where, path(),
                         "is given twice; the first stands in line " + std::to_string(seen->second));
    }
    parent.key.reset();
  }

  void take_merge(Frame& parent, Node value) {
    if (value.kind == Node::Kind::mapping) {
      parent.merges.push_back(std::move(value));
      return;
    }
    bool usable = value.kind == Node::Kind::sequence;
    for (const Node& item : value.items) usable = usable && item.kind == Node::Kind::mapping;
    if (!usable) diagnostics_.error(value.where, path(), "expected a mapping, or a list of mappings, to merge");
    for (Node& item : value.items) parent.merges.push_back(std::move(item));
  }

  std::shared_ptr<const std::string> file_;
  Diagnostics& diagnostics_;
  std::vector<Frame> open_;
  std::unordered_map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> root_;
  std::size_t aliased_ = 0;
};

/// The length of the UTF-8 character at `at`, 0 where there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xC0U) != 0x80) return 0;
  return length;
}

/// Finds what no text file holds; true where there is none.
bool is_text(std::string_view text, const std::shared_ptr<const std::string>& file, Diagnostics& diagnostics) {
  int line = 1;
  int column = 1;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const std::size_t length = utf8_length(text, i);
    if (length == 0 || (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r')) {
      const bool gzip = text.starts_with("\x1f\x8b");
      const bool utf16 = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
      diagnostics.error({file, line, column}, {}, "is not a UTF-8 text file; expected YAML",
                        gzip    ? "it looks gzipped: unpack it first"
                        : utf16 ? "it looks like UTF-16: save it as UTF-8"
                                : "");
      return false;
    }
    i += length;
    ++column;
    if (c == '\n') {
      ++line;
      column = 1;
    }
  }
  return true;
}

std::string syntax_hint(const std::string& message) {
  const auto says = [&](std::string_view part) { return message.find(part) != std::string::npos; };
  if (says("illegal map value")) return "put quotes around text that holds \": \", and check the indentation";
  if (says("end of map") || says("end of sequence")) return "check the indentation and that every bracket is closed";
  if (says("tab")) return "indent with spaces";
  return {};
}

}  // namespace

std::optional<Node> parse_yaml(std::string_view text, std::string name, Diagnostics& diagnostics) {
  const auto file = std::make_shared<const std::string>(std::move(name));
  if (!is_text(text, file, diagnostics)) return std::nullopt;
  TreeBuilder builder(file, diagnostics);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    const bool any = parser.HandleNextDocument(builder);
    std::optional<Node> root = builder.take_root();
    if (!any || !root || root->kind == Node::Kind::null) {
      diagnostics.error({file, 1, 1}, {}, "is empty; expected YAML");
      return std::nullopt;
    }
    if (parser.HandleNextDocument(builder)) {
      const std::optional<Node> second = builder.take_root();
      diagnostics.error(second ? second->where : Location{file, 0, 0}, {},
                        "holds a second document; expected one document per file");
    }
    return root;
  } catch (const YAML::Exception& problem) {
    diagnostics.error(builder.place(problem.mark), {}, problem.msg, syntax_hint(problem.msg));
  } catch (const std::exception& problem) {
    diagnostics.error({file, 0, 0}, {}, std::string("cannot be read as YAML: ") + problem.what());
  }
  return std::nullopt;
}

std::optional<Node> read_yaml(const std::filesystem::path& file, Diagnostics& diagnostics) {
  const std::string name = file.string();
  const auto refuse = [&](std::string why) {
    diagnostics.error({std::make_shared<const std::string>(name), 0, 0}, {}, std::move(why));
    return std::nullopt;
  };
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) return refuse("no such file");
  if (std::filesystem::is_directory(status)) return refuse("is a directory; expected a YAML file");
  if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(file, error) > kLargestFile)
    return refuse("is larger than 64 MiB; expected a YAML file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return refuse("cannot be opened");
  // Read with a bound: a pipe or a device has no size to ask for.
  std::string text;
  std::vector<char> block(1U << 16U);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kLargestFile) return refuse("is larger than 64 MiB; expected a YAML file");
  }
  if (stream.bad()) return refuse("cannot be read");
  return parse_yaml(text, name, diagnostics);
}

}  // namespace alight
