#include "sim/scenario/fault_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/input.hpp"
#include "workloads/traces/values.hpp"

namespace alight {
namespace {

using Kind = FaultTarget::Kind;
constexpr double kLongestFaultS = 1e10;  // as times of a scenario
constexpr std::array<std::pair<std::string_view, Kind>, 3> kKinds = {
    {{"link", Kind::link}, {"cable", Kind::cable}, {"switch", Kind::switch_}}};

/// Of a row of a file, cell by cell.
struct Row {
  const std::string& file;
  std::string_view text;
  const CsvTable& table;

  Location at(std::size_t column) const {
    const std::string_view cell = table.cell(column);
    int in_line = 0;
    if (cell.data() >= text.data() && cell.data() < text.data() + text.size()) {
      const auto offset = static_cast<std::size_t>(cell.data() - text.data());
      const auto line = text.rfind('\n', offset);
      in_line = static_cast<int>(offset - (line == std::string_view::npos || offset == 0 ? 0 : line + 1)) + 1;
    }
    return {std::make_shared<const std::string>(file), static_cast<int>(table.rows.line()), in_line};
  }
};

}  // namespace

std::optional<double> read_fault_state(std::string_view text) {
  text = trimmed(text);
  if (text == "down") return 0;
  if (text == "up") return 1;
  if (text.starts_with("degraded")) text = trimmed(text.substr(8));
  double scale = 1;
  if (text.ends_with('%')) {
    scale = 0.01;
    text = trimmed(text.substr(0, text.size() - 1));
  }
  const auto left = to_number(text);
  if (!left || !(*left * scale > 0) || !(*left * scale < 1)) return std::nullopt;
  return *left * scale;
}

FaultTrace::FaultTrace(const Breakables& breakables, const Routes& routes, Diagnostics& diagnostics)
    : breakables_(breakables), routes_(routes), diagnostics_(diagnostics) {}

std::optional<FaultTarget> FaultTrace::target(Kind kind, const std::string& name, const Location& where,
                                              const std::string& key) {
  if (kind == Kind::switch_) {
    if (const auto found = breakables_.find_switch(name))
      return FaultTarget{.kind = kind, .index = static_cast<std::uint32_t>(*found)};
    const std::string ranges = breakables_.switch_ranges();
    diagnostics_.error(where, key, fmt::format("no switch {}", in_quotes(name)),
                       ranges.empty() ? "the site has no switch that can break" : "the site has " + ranges);
    return std::nullopt;
  }
  const auto hash = kind == Kind::cable ? name.rfind('#') : std::string::npos;
  const std::string of(trimmed(std::string_view(name).substr(0, hash)));
  const auto link = breakables_.find_link(of);
  if (!link) {
    if (link_names_.empty()) link_names_ = breakables_.link_names();
    std::string hint = did_you_mean(of, link_names_);
    if (hint.empty() && !link_names_.empty())
      hint = fmt::format("links are called as in \"{}\", \"{}\"", link_names_.front(), link_names_.back());
    diagnostics_.error(where, key, fmt::format("no link {}", in_quotes(of)), hint);
    return std::nullopt;
  }
  FaultTarget found{.kind = kind, .index = *link};
  if (kind == Kind::link) return found;
  const std::int64_t cables = breakables_.cables(*link);
  const auto number = hash == std::string::npos ? std::nullopt : to_whole(std::string_view(name).substr(hash + 1));
  if (!number || *number < 1 || *number > cables) {
    diagnostics_.error(where, key, fmt::format("{} names no cable", in_quotes(name)),
                       cables == 0 ? fmt::format("{} is no bundle of cables; name it as a link", of)
                                   : fmt::format("{} has \"{} #1\" to \"{} #{}\"", of, of, of, cables));
    return std::nullopt;
  }
  found.cable = *number - 1;
  return found;
}

void FaultTrace::add(const FaultSpec& spec, const std::string& path) {
  const auto part = read_fault_state(spec.state);
  if (!part)
    diagnostics_.error_at(join_key(path, "state"), fmt::format("{} is no state", in_quotes(spec.state)),
                          "expected down, up, or what is left: degraded 50 %");
  const std::string key = join_key(path, "name");
  const auto found = target(spec.what, spec.name, diagnostics_.place_of(key), key);
  if (part == 1.0 && spec.lasts_s)
    return diagnostics_.error_at(join_key(path, "lasts"), "only a fault lasts; `up` is for good");
  if (part && found) add({spec.at_s, *found, *part}, spec.lasts_s, diagnostics_.place_of(path), path, spec.name);
}

void FaultTrace::add(FaultEvent event, std::optional<double> lasts_s, const Location& where, const std::string& key,
                     const std::string& name) {
  stated_.push_back({.event = event, .where = where, .key = key, .name = name});
  if (!lasts_s) return;
  stated_.back().until_s = event.time_s + *lasts_s;
  event.time_s += *lasts_s;
  event.part = 1;
  stated_.push_back({.event = event, .by_itself = true, .where = where, .key = key, .name = name});
}

void FaultTrace::read(const std::string& file) {
  const auto complain = [this](const Problem& p) { diagnostics_.error(p.where, p.key, p.message, p.hint); };
  const auto input = read_input(file);
  if (!input) return complain(input.problem());
  auto opened = open_table(input->name, input->text, {"time_s", "what", "name", "state"});
  if (!opened) return complain(opened.problem());
  CsvTable& table = *opened;
  const std::vector<std::string> known = {"time_s", "what", "name", "state", "lasts_s"};
  for (const std::string& column : table.header.names())
    if (std::find(known.begin(), known.end(), column) == known.end())
      complain(file_problem(input->name, fmt::format("unknown column {}", in_quotes(column)), 1, 0, "",
                            did_you_mean(column, known)));
  const auto at = [&](const char* column) { return table.header.find(column); };
  const std::size_t time = at("time_s"), what = at("what"), name = at("name"), state = at("state"),
                    lasts = at("lasts_s");
  while (table.rows.next()) {
    const Row row{input->name, input->text, table};
    const auto error = [&](std::size_t column, const char* key, std::string message, std::string hint = {}) {
      diagnostics_.error(row.at(column), key, std::move(message), std::move(hint));
    };
    if (const char* misfit = table.misfit()) {
      error(0, "", misfit);
      continue;
    }
    const auto text = [&](std::size_t column) { return std::string(trimmed(table.cell(column))); };
    const auto time_s = to_number(text(time));
    if (!time_s || *time_s < 0 || *time_s > kLongestFaultS)
      error(time, "time_s", fmt::format("{} is no time", in_quotes(text(time))), "expected seconds from 0 to 1e10");
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return k.first == text(what); });
    if (kind == kKinds.end())
      error(what, "what", fmt::format("{} is nothing that breaks", in_quotes(text(what))),
            "expected link, cable or switch");
    const auto part = read_fault_state(text(state));
    if (!part)
      error(state, "state", fmt::format("{} is no state", in_quotes(text(state))),
            "expected down, up, or what is left: degraded 50 %");
    const std::string how_long = lasts == CsvHeader::kNone ? std::string() : text(lasts);
    const auto lasts_s = to_number(how_long);
    const bool bad_length = !how_long.empty() && (!lasts_s || !(*lasts_s > 0) || *lasts_s > kLongestFaultS);
    if (bad_length)
      error(lasts, "lasts_s", fmt::format("{} is no length of a fault", in_quotes(how_long)),
            "expected seconds above 0, or nothing");
    else if (part == 1.0 && lasts_s)
      error(lasts, "lasts_s", "only a fault lasts; `up` is for good");
    if (kind == kKinds.end()) continue;
    const auto found = target(kind->second, text(name), row.at(name), "name");
    if (found && time_s && *time_s >= 0 && *time_s <= kLongestFaultS && part && !bad_length &&
        !(part == 1.0 && lasts_s))
      add({*time_s, *found, *part}, lasts_s, row.at(time), "", text(name));
  }
}

// Of one thing, in the order of time.
void FaultTrace::check(const std::vector<const Stated*>& story) {
  double part = 1, since_s = 0, until_s = -1;
  for (const Stated* s : story) {
    const double at_s = s->event.time_s;
    if (s->by_itself) {
      if (until_s == at_s) part = 1, until_s = -1;
      continue;
    }
    const auto error = [&](std::string message) {
      diagnostics_.error(s->where, s->key, std::move(message), "each thing breaks, and is whole again, in turn");
    };
    if (until_s > at_s)
      return error(fmt::format("{} changes at {} s, within a fault that lasts from {} s to {} s", in_quotes(s->name),
                               at_s, since_s, until_s));
    if (s->event.part == part)
      return error(part == 1 ? fmt::format("{} is up at {} s already", in_quotes(s->name), at_s)
                             : fmt::format("{} is so since {} s already, at {} s", in_quotes(s->name), since_s, at_s));
    part = s->event.part;
    since_s = at_s;
    until_s = s->until_s;
  }
  lasting_ = lasting_ || part < 1;
}

std::vector<FaultEvent> FaultTrace::take() {
  std::stable_sort(stated_.begin(), stated_.end(), [](const Stated& a, const Stated& b) {
    return std::tuple(a.event.time_s, !a.by_itself) < std::tuple(b.event.time_s, !b.by_itself);
  });
  std::map<FaultTarget, std::vector<const Stated*>> stories;
  for (const Stated& s : stated_) stories[s.event.target].push_back(&s);
  for (const auto& [of, story] : stories) check(story);
  std::vector<FaultEvent> events;
  for (const Stated& s : stated_) events.push_back(s.event);
  return events;
}

}  // namespace alight
