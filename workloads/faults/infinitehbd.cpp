#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "workloads/faults/server_faults.hpp"
#include "workloads/traces/json_errors.hpp"

namespace alight {

namespace {

using nlohmann::json;

constexpr double kTraceDay = 86400;
/// As Intake::kLongestSeconds: a time beyond is a slip of unit.
constexpr double kMostDays = 1e10 / kTraceDay;
constexpr std::size_t kMostProblems = 50;

/// Walks a text and tells how far the parser has come.
class WatchedText {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  WatchedText(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  WatchedText& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  WatchedText operator++(int) {
    const WatchedText before = *this;
    ++*this;
    return before;
  }
  bool operator==(const WatchedText& o) const { return at_ == o.at_; }
  bool operator!=(const WatchedText& o) const { return at_ != o.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// A value of an event and where it stands.
struct EventCell {
  enum class Kind { absent, text, number, object, other };
  Kind kind = Kind::absent;
  std::string text;
  double number = 0;
  std::size_t offset = 0;
};

/// One event as written. Keys of fault_type stand beside the others.
struct EventCells {
  std::size_t offset = 0;
  EventCell node, time, type, fault_type, level, fault_class, description;
};

/// Puts events together into faults.
class FaultBook {
 public:
  FaultBook(const Input& file, Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  void take(const EventCells& event) {
    const std::string path = "[" + std::to_string(events_++) + "]";
    bool good = text(event, event.node, path, "node_id", "the name of a server");
    good = time(event, path) && good;
    good = kind_of_event(event, path) && good;
    if (event.fault_type.kind == EventCell::Kind::absent)
      return problem(event.offset, path + ".fault_type", "is missing; expected {Level, Class, Desc}");
    if (event.fault_type.kind != EventCell::Kind::object)
      return problem(event.fault_type.offset, path + ".fault_type", "is no object; expected {Level, Class, Desc}");
    good = text(event, event.level, path, "fault_type.Level", "a text such as \"Hardware Failure\"") && good;
    good = text(event, event.fault_class, path, "fault_type.Class", "a text such as \"GPU\"") && good;
    good = text(event, event.description, path, "fault_type.Desc", "a text") && good;
    if (good) apply(event, path);
  }

  void problem(std::size_t offset, const std::string& key, std::string message, std::string hint = {}) {
    if (full()) return;
    const std::string_view before = std::string_view(file_.text).substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto last = before.rfind('\n');
    const auto column = offset - (last == std::string_view::npos ? 0 : last + 1) + 1;
    diagnostics_.error({name_, static_cast<int>(line), static_cast<int>(column)}, key, std::move(message),
                       std::move(hint));
    ++problems_;
  }
  void problem(const Problem& of) {
    diagnostics_.error({name_, of.where.line, of.where.column}, of.key, of.message, of.hint);
    ++problems_;
  }
  bool full() const { return problems_ >= kMostProblems; }
  bool good() const { return problems_ == 0; }

  ServerFaults finish() && {
    for (auto& [name, server] : open_)
      if (server.begun > 0) add(server, std::numeric_limits<double>::infinity());
    std::sort(faults_.faults.begin(), faults_.faults.end(), [](const ServerFault& a, const ServerFault& b) {
      return a.from_s != b.from_s ? a.from_s < b.from_s : a.server < b.server;
    });
    faults_.end_s = last_s_;
    return std::move(faults_);
  }

 private:
  struct Server {
    std::uint32_t index = 0;
    std::int64_t begun = 0;  ///< faults under way
    double from_s = 0;
    std::string what;
    std::map<std::array<std::string, 3>, std::int64_t> by_type;  ///< of those, by fault_type
    std::size_t last = std::numeric_limits<std::size_t>::max();  ///< index of its last fault in the list
  };

  bool text(const EventCells& event, const EventCell& cell, const std::string& path, const char* key,
            const char* expected) {
    const std::string place = path + "." + key;
    if (cell.kind == EventCell::Kind::absent)
      problem(event.offset, place, std::string("is missing; expected ") + expected);
    else if (cell.kind != EventCell::Kind::text)
      problem(cell.offset, place, std::string("is no text; expected ") + expected);
    else if (cell.text.empty())
      problem(cell.offset, place, std::string("is empty; expected ") + expected);
    else
      return true;
    return false;
  }

  bool time(const EventCells& event, const std::string& path) {
    const std::string place = path + ".event_time";
    const EventCell& cell = event.time;
    if (cell.kind == EventCell::Kind::absent)
      problem(event.offset, place, "is missing; expected days since the start of the trace");
    else if (cell.kind != EventCell::Kind::number)
      problem(cell.offset, place, "is no number; expected days since the start of the trace");
    else if (cell.number < 0 || cell.number > kMostDays)
      problem(cell.offset, place, "is no time of a trace: " + number_text(cell.number) + " days");
    else if (cell.number * kTraceDay < last_s_)
      problem(cell.offset, place, "goes back in time: the event before is of day " + number_text(last_s_ / kTraceDay));
    else
      return last_s_ = cell.number * kTraceDay, true;
    return false;
  }

  bool kind_of_event(const EventCells& event, const std::string& path) {
    if (!text(event, event.type, path, "event_type", "fault_start or fault_end")) return false;
    if (event.type.text == "fault_start" || event.type.text == "fault_end") return true;
    problem(event.type.offset, path + ".event_type",
            in_quotes(event.type.text) + " is neither fault_start nor fault_end",
            did_you_mean(event.type.text, {"fault_start", "fault_end"}));
    return false;
  }

  void apply(const EventCells& event, const std::string& path) {
    const std::array<std::string, 3> type = {event.level.text, event.fault_class.text, event.description.text};
    auto known = open_.find(event.node.text);
    if (event.type.text == "fault_end") {
      const auto begun = known == open_.end() ? nullptr : &known->second.by_type[type];
      if (!begun || *begun == 0)
        return problem(event.offset, path,
                       "ends a fault of " + in_quotes(event.node.text) + " that has not begun: " + type[2]);
      --*begun;
      if (--known->second.begun == 0) add(known->second, last_s_);
      return;
    }
    if (known == open_.end()) {
      known = open_.try_emplace(event.node.text).first;
      known->second.index = static_cast<std::uint32_t>(faults_.servers.size());
      faults_.servers.push_back(event.node.text);
    }
    Server& server = known->second;
    ++faults_.recorded;
    ++server.by_type[type];
    if (server.begun++ > 0) return;
    server.from_s = last_s_;
    server.what = type[0] + " / " + type[1];
  }

  void add(Server& of, double to_s) {
    // What begins as the last one ended is the same time down.
    if (of.last < faults_.faults.size() && faults_.faults[of.last].to_s == of.from_s) {
      faults_.faults[of.last].to_s = to_s;
      return;
    }
    of.last = faults_.faults.size();
    faults_.faults.push_back({of.index, of.from_s, to_s, of.what});
  }

  static std::string number_text(double value) { return json(value).dump(); }

  const Input& file_;
  Diagnostics& diagnostics_;
  std::shared_ptr<const std::string> name_ = std::make_shared<const std::string>(file_.name);
  std::size_t problems_ = 0;
  std::int64_t events_ = 0;
  double last_s_ = 0;
  std::map<std::string, Server> open_;
  ServerFaults faults_;
};

/// Follows the JSON token by token, so that every value keeps its place.
class EventReader final : public nlohmann::json_sax<json> {
 public:
  EventReader(const Input& file, FaultBook& book) : file_(file), book_(book) {}

  WatchedText begin() { return {file_.text.data(), &reached_}; }
  WatchedText end() { return {file_.text.data() + file_.text.size(), &reached_}; }

  bool null() override { return scalar(EventCell::Kind::other, {}, 0); }
  bool boolean(bool) override { return scalar(EventCell::Kind::other, {}, 0); }
  bool number_integer(number_integer_t v) override {
    return scalar(EventCell::Kind::number, {}, static_cast<double>(v));
  }
  bool number_unsigned(number_unsigned_t v) override {
    return scalar(EventCell::Kind::number, {}, static_cast<double>(v));
  }
  bool number_float(number_float_t v, const string_t&) override { return scalar(EventCell::Kind::number, {}, v); }
  bool string(string_t& v) override { return scalar(EventCell::Kind::text, std::move(v), 0); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(false); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t byte, const std::string&, const json::exception& error) override {
    const bool syntax = dynamic_cast<const json::parse_error*>(&error) != nullptr;
    if (syntax)
      book_.problem(json_problem_at(file_, byte));
    else
      book_.problem(token_start(), "", "is a number no JSON reader can keep");
    return false;
  }

 private:
  /// Where the token that was just read begins.
  std::size_t token_start() const {
    const std::string_view text = file_.text;
    auto end = static_cast<std::size_t>(reached_ - text.data());
    if (end == 0) return 0;
    if (text[end - 1] == '"') {
      for (std::size_t at = end - 1; at-- > 0;) {
        if (text[at] != '"') continue;
        std::size_t slashes = 0;
        while (slashes < at && text[at - 1 - slashes] == '\\') ++slashes;
        if (slashes % 2 == 0) return at;
      }
      return 0;
    }
    const auto of_word = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'E' || c == '+' || c == '-' || c == '.';
    };
    // A number is over when the character after it has been read.
    if (!of_word(text[end - 1])) --end;
    std::size_t at = end;
    while (at > 0 && of_word(text[at - 1])) --at;
    return std::min(at, text.size());
  }

  EventCell* cell_of_key() {
    if (depth_ == 2) {
      if (key_ == "node_id") return &event_.node;
      if (key_ == "event_time") return &event_.time;
      if (key_ == "event_type") return &event_.type;
      if (key_ == "fault_type") return &event_.fault_type;
    } else if (depth_ == 3 && in_fault_type_) {
      if (key_ == "Level") return &event_.level;
      if (key_ == "Class") return &event_.fault_class;
      if (key_ == "Desc") return &event_.description;
    }
    return nullptr;
  }

  bool scalar(EventCell::Kind kind, std::string text, double number) {
    if (depth_ == 0) return not_a_list(token_start());
    if (depth_ == 1) {
      book_.problem(token_start(), "", "is no event; expected {node_id, event_time, event_type, fault_type}");
    } else if (EventCell* cell = cell_of_key()) {
      *cell = {kind, std::move(text), number, token_start()};
    }
    return !book_.full();
  }

  bool open(bool list) {
    const auto offset = static_cast<std::size_t>(reached_ - file_.text.data()) - 1;
    if (depth_ == 0 && !list) return not_a_list(offset);
    if (depth_ == 1) {
      event_ = {};
      event_.offset = offset;
      is_event_ = !list;
      if (list) book_.problem(offset, "", "is no event; expected {node_id, event_time, event_type, fault_type}");
    } else if (EventCell* cell = depth_ > 1 ? cell_of_key() : nullptr) {
      *cell = {list ? EventCell::Kind::other : EventCell::Kind::object, {}, 0, offset};
      in_fault_type_ = cell == &event_.fault_type && !list;
    }
    ++depth_;
    return !book_.full();
  }

  bool close() {
    --depth_;
    if (depth_ == 2) in_fault_type_ = false;
    if (depth_ == 1 && is_event_) book_.take(event_);
    return !book_.full();
  }

  bool not_a_list(std::size_t offset) {
    book_.problem(offset, "", "is no list of fault events");
    return false;
  }

  const Input& file_;
  FaultBook& book_;
  const char* reached_ = file_.text.data();
  std::size_t depth_ = 0;
  bool is_event_ = false, in_fault_type_ = false;
  std::string key_;
  EventCells event_;
};

}  // namespace

std::optional<ServerFaults> read_infinitehbd(const Input& file, Diagnostics& diagnostics) {
  FaultBook book(file, diagnostics);
  EventReader reader(file, book);
  json::sax_parse(reader.begin(), reader.end(), &reader);
  if (!book.good()) return std::nullopt;
  return std::move(book).finish();
}

}  // namespace alight
