#include "workloads/requests/json_line.hpp"

#include <algorithm>

#include "workloads/traces/values.hpp"

namespace alight {

namespace {

class Cutter {
 public:
  explicit Cutter(std::string_view line) : line_(line) {}

  bool object(std::vector<JsonMember>& members) {
    if (!take('{')) return false;
    if (take('}')) return at_end();
    do {
      JsonMember member;
      if (!text(member.key) || !take(':') || !value(member)) return false;
      members.push_back(member);
    } while (take(','));
    return take('}') && at_end();
  }
  std::size_t at() const { return at_; }

 private:
  void skip_blanks() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r')) ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= line_.size() || line_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool at_end() {
    skip_blanks();
    return at_ == line_.size();
  }

  bool text(std::string_view& out) {
    if (!take('"')) return false;
    const std::size_t first = at_;
    for (; at_ < line_.size(); ++at_) {
      if (line_[at_] == '"') {
        out = line_.substr(first, at_ - first);
        ++at_;
        return true;
      }
      if (line_[at_] == '\\') ++at_;
    }
    at_ = line_.size();
    return false;
  }

  bool value(JsonMember& member) {
    skip_blanks();
    if (at_ >= line_.size()) return false;
    if (line_[at_] == '"') {
      member.text = true;
      return text(member.value);
    }
    const std::size_t first = at_;
    if (line_[at_] == '[' || line_[at_] == '{') {
      if (!nested()) return false;
    } else {
      at_ = std::min(line_.find_first_of(",}] \t\r", at_), line_.size());
      const std::string_view plain = line_.substr(first, at_ - first);
      if (plain != "true" && plain != "false" && plain != "null" && !to_number(plain)) {
        at_ = first;
        return false;
      }
    }
    member.value = line_.substr(first, at_ - first);
    return true;
  }

  /// A list or an object, closed as it was opened.
  bool nested() {
    std::vector<char> open;
    do {
      const char c = line_[at_];
      if (c == '"') {
        std::string_view passed;
        if (!text(passed)) return false;
        continue;
      }
      if (c == '[' || c == '{') open.push_back(c == '[' ? ']' : '}');
      if (c == ']' || c == '}') {
        if (open.back() != c) return false;
        open.pop_back();
      }
      ++at_;
    } while (!open.empty() && at_ < line_.size());
    return open.empty();
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::size_t> cut_json_line(std::string_view line, std::vector<JsonMember>& members) {
  members.clear();
  Cutter cutter(line);
  if (cutter.object(members)) return std::nullopt;
  return cutter.at();
}

}  // namespace alight
