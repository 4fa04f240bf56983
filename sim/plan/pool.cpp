#include "sim/plan/pool.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/describe/units.hpp"
#include "models/training/layout_text.hpp"
#include "platforms/accelerator.hpp"
#include "platforms/fabric.hpp"
#include "sim/predict/training_setup.hpp"
#include "workloads/traces/values.hpp"

namespace alight {
namespace {

constexpr std::int64_t kMostChips = 10'000'000;

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(at, begin);
    parts.push_back(trimmed(text.substr(begin, end - begin)));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

/// What stands in brackets behind a chip.
struct Manner {
  std::optional<Precision> precision;
  std::optional<Recompute> recompute;
  std::string software;
};

Manner read_manner(std::string_view text, const Catalogue& catalogue, Diagnostics& d) {
  Manner manner;
  for (const std::string_view word : split(text, ',')) {
    if (const auto precision = parse_precision(word)) {
      manner.precision = precision;
    } else if (word == "none") {
      manner.recompute = Recompute::none;
    } else if (word == "selective") {
      manner.recompute = Recompute::selective;
    } else if (word == "full") {
      manner.recompute = Recompute::full;
    } else if (const SoftwareKind* software = catalogue.software().find(word)) {
      manner.software = software->name;
    } else {
      std::vector<std::string> known = {"none", "selective", "full", "fp16", "bf16", "fp8", "mxfp8", "nvfp4", "int8"};
      for (const auto& name : catalogue.software().all_names()) known.push_back(name);
      d.error({}, "--chips", in_quotes(word) + " is no precision, recomputation or software",
              did_you_mean(word, known));
    }
  }
  return manner;
}

/// "512 x NAME": the number, and the rest in `name`.
std::optional<std::int64_t> read_count(std::string_view part, std::string_view& name) {
  std::size_t digits = 0;
  std::int64_t count = 0;
  while (digits < part.size() && ((part[digits] >= '0' && part[digits] <= '9') || part[digits] == ',')) {
    if (part[digits] != ',') count = count * 10 + (part[digits] - '0');
    if (count > kMostChips) return std::nullopt;
    ++digits;
  }
  std::string_view rest = trimmed(part.substr(digits));
  if (digits == 0 || count < 1 || rest.size() < 2 || (rest.front() != 'x' && rest.front() != '*')) return std::nullopt;
  name = trimmed(rest.substr(1));
  return count;
}

void read_part(std::string_view part, const Catalogue& catalogue, Precision precision, PlanPool& pool, Diagnostics& d) {
  Manner manner;
  if (const std::size_t open = part.find('['); open != std::string_view::npos) {
    const std::size_t close = part.find(']', open);
    if (close == std::string_view::npos) {
      d.error({}, "--chips", in_quotes(part) + ": the bracket is not closed");
      return;
    }
    manner = read_manner(part.substr(open + 1, close - open - 1), catalogue, d);
    part = trimmed(part.substr(0, open));
  }
  std::string_view name;
  const auto count = read_count(part, name);
  if (!count) {
    d.error({}, "--chips",
            in_quotes(part) + " is no number of chips; expected e.g. 512 x H20 96GB, from 1 to 10,000,000");
    return;
  }
  const Chip* chip = catalogue.find_chip(name);
  if (!chip) {
    d.error({}, "--chips", "no chip named " + in_quotes(name) + " in the catalogue",
            did_you_mean(name, catalogue.chips().all_names()));
    return;
  }
  PlanKind kind;
  kind.chip = chip;
  kind.kind.name = chip->name;
  kind.kind.chips = *count;
  kind.kind.chip = accelerator_of(*chip, catalogue, manner.software);
  kind.kind.precision = manner.precision;
  kind.kind.recompute = manner.recompute;
  for (const Price& price : chip->prices)
    if (const auto usd = amount_in(price.amount, unit("USD"))) kind.kind.price = *usd;
  FabricOverrides overrides;
  if (!chip->scale_out_gbps) {
    overrides.scale_out_gbps = kAssumedScaleOutGbps;
    kind.scale_out_assumed = true;
  }
  kind.kind.fabric = fabric_of(*chip, catalogue, overrides);
  const KernelChoice kernels = kernels_of(*chip, catalogue);
  kind.kernels = fmt::format("{} ({})", kernels.kind->name, name_of(kernels.basis));
  const Precision used = manner.precision.value_or(precision);
  if (kind.kind.chip.peak(used) <= 0)
    d.error({}, "--chips", fmt::format("{} does not compute in {}, or its rate is unknown", chip->name, name_of(used)));
  if (kind.kind.chip.memory_bytes <= 0 || kind.kind.chip.memory_bytes_s <= 0)
    d.error({}, "--chips", chip->name + ": its memory or memory bandwidth is unknown");
  for (PlanKind& known : pool.kinds)
    if (known.chip == chip && interchangeable(known.kind, kind.kind)) {
      known.kind.chips += *count;
      return;
    }
  pool.kinds.push_back(std::move(kind));
}

}  // namespace

std::vector<ChipKind> PlanPool::chip_kinds() const {
  std::vector<ChipKind> all;
  for (const PlanKind& kind : kinds) all.push_back(kind.kind);
  return all;
}

std::int64_t PlanPool::chips() const {
  std::int64_t sum = 0;
  for (const PlanKind& kind : kinds) sum += kind.kind.chips;
  return sum;
}

std::string PlanPool::text() const {
  std::string text;
  for (const PlanKind& kind : kinds)
    text += fmt::format("{}{} x {}", text.empty() ? "" : " + ", kind.kind.chips, kind.kind.name);
  return text;
}

PlanPool read_pool(std::string_view text, const Catalogue& catalogue, Precision precision, Diagnostics& d) {
  PlanPool pool;
  for (const std::string_view part : split(text, '+')) read_part(part, catalogue, precision, pool, d);
  return pool;
}

InterKind read_inter(std::string_view text, Diagnostics& d) {
  InterKind inter;
  std::vector<std::string_view> words = split(text, ' ');
  std::erase(words, std::string_view{});
  bool of_host = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "staged" || words[i] == "direct") {
      inter.staged = words[i] == "staged";
    } else if (words[i] == "host") {
      of_host = true;
    } else {
      std::string quantity(words[i]);
      if (i + 1 < words.size() && parse_number(words[i])) quantity += " " + std::string(words[++i]);
      const Parsed rate = parse_quantity(quantity, unit("GB/s"));
      const Parsed time = parse_quantity(quantity, unit("us"));
      const std::optional<double> value = rate.value ? rate.value : time.value;
      if (!value || *value < 0 || (rate.value && *value == 0)) {
        d.error({}, "--inter", in_quotes(quantity) + " is no rate or latency; expected e.g. 25 GB/s staged 20 us",
                rate.hint);
      } else if (!rate.value) {
        inter.latency_us = *value;
      } else {
        (of_host ? inter.host_gbs : inter.gbs) = *value;
      }
      of_host = false;
    }
  }
  return inter;
}

}  // namespace alight
