#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "models/describe/units.hpp"
#include "sim/config/yaml.hpp"

namespace alight {

namespace {

constexpr std::size_t kLineWidth = 100;  // a list of scalars within it stays on one line

bool is_null_word(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

/// Whether YAML 1.1 or 1.2 readers would take a plain `text` for something other than text.
bool looks_typed(std::string_view text) {
  std::string word;
  for (const char c : text.substr(0, 8)) word += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  for (const std::string_view typed :
       {"true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf", "-.inf", "+.inf"})
    if (word == typed) return true;
  // Numbers, hexadecimals, sexagesimals and dates are made of these alone and begin like a number.
  return text.find_first_of("0123456789") != std::string_view::npos &&
         std::string_view("0123456789+-.").find(text.front()) != std::string_view::npos &&
         text.find_first_not_of("0123456789abcdefABCDEFxXoO+-.:_TZ ") == std::string_view::npos;
}

/// Whether the grammar lets `text` stand without quotes, in a block as in a flow.
bool can_be_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (text.starts_with("---") || text.starts_with("...") || text == "<<" || text == "=") return false;
  if (std::string_view("?:,[]{}#&*!|>'\"%@`").find(text.front()) != std::string_view::npos) return false;
  if (text.front() == '-' && (text.size() == 1 || text[1] == ' ')) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  // Line ends and marks that Unicode adds: next line, line and paragraph separator, byte order mark.
  for (const std::string_view mark : {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf"})
    if (text.find(mark) != std::string_view::npos) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || std::string_view(",[]{}").find(c) != std::string_view::npos;
  });
}

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          char code[8];
          std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
          out += code;
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string scalar_text(std::string_view text, bool is_text) {
  const bool plain = can_be_plain(text) && !is_null_word(text) && !(is_text && looks_typed(text));
  return plain ? std::string(text) : double_quoted(text);
}

bool is_inline(const Node& node) {
  return node.kind == Node::Kind::scalar || node.kind == Node::Kind::null ||
         (node.kind == Node::Kind::sequence && node.items.empty()) ||
         (node.kind == Node::Kind::mapping && node.members.empty());
}

std::string inline_text(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "null";
    case Node::Kind::scalar:
      return scalar_text(node.text, node.quoted);
    case Node::Kind::sequence:
      return "[]";
    case Node::Kind::mapping:
      return "{}";
  }
  return {};
}

/// "[a, b, c]" where the list is one of scalars without comments that fits the line, else empty.
std::string one_line(const Node& node, std::size_t column) {
  if (node.kind != Node::Kind::sequence) return {};
  std::string out = "[";
  for (const Node& item : node.items) {
    if (!is_inline(item) || !item.comment.empty()) return {};
    if (out.size() > 1) out += ", ";
    out += inline_text(item);
    if (column + out.size() + 1 > kLineWidth) return {};
  }
  return out + ']';
}

class Emitter {
 public:
  std::string run(const Node& node) {
    comment_lines(node.comment, 0);
    if (is_inline(node))
      out_ += inline_text(node) + '\n';
    else
      block(node, 0, false);
    return std::move(out_);
  }

 private:
  static bool many_lines(const std::string& comment) { return comment.find('\n') != std::string::npos; }

  void indent(std::size_t depth) { out_.append(2 * depth, ' '); }

  void comment_lines(std::string_view comment, std::size_t depth) {
    while (!comment.empty()) {
      const std::size_t end = std::min(comment.find('\n'), comment.size());
      indent(depth);
      out_ += end == 0 ? "#" : "# " + std::string(comment.substr(0, end));
      out_ += '\n';
      comment.remove_prefix(std::min(end + 1, comment.size()));
    }
  }

  void end_line(const Node& node) {
    if (!node.comment.empty() && !many_lines(node.comment)) out_ += "  # " + node.comment;
    out_ += '\n';
  }

  /// What stands behind "key:" or "-".
  void value(const Node& node, std::size_t depth, bool in_sequence) {
    const std::size_t column = out_.size() - (out_.rfind('\n') + 1);
    if (is_inline(node)) {
      out_ += ' ' + inline_text(node);
      end_line(node);
    } else if (const std::string line = one_line(node, column + 1); !line.empty()) {
      out_ += ' ' + line;
      end_line(node);
    } else if (in_sequence && node.comment.empty()) {
      out_ += ' ';
      block(node, depth + 1, true);
    } else {
      end_line(node);
      block(node, depth + 1, false);
    }
  }

  /// `started`: the first line's indentation is already there, behind a "- ".
  void block(const Node& node, std::size_t depth, bool started) {
    for (const Member& member : node.members) {
      if (!started) {
        if (many_lines(member.value.comment)) comment_lines(member.value.comment, depth);
        indent(depth);
      }
      started = false;
      out_ += scalar_text(member.key, true) + ':';
      value(member.value, depth, false);
    }
    for (const Node& item : node.items) {
      if (!started) {
        if (many_lines(item.comment)) comment_lines(item.comment, depth);
        indent(depth);
      }
      started = false;
      out_ += '-';
      value(item, depth, true);
    }
  }

  std::string out_;
};

}  // namespace

std::string emit_yaml(const Node& node) {
  return Emitter{}.run(node);
}

}  // namespace alight
