#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/config/include.hpp"
#include "sim/scenario/load.hpp"

namespace alight::cli {
namespace {

std::optional<Zoo> zoo_with(const std::optional<std::filesystem::path>& own) {
  Diagnostics d;
  std::optional<Loaded> loaded;
  const Node* models = nullptr;
  if (own && (loaded = load_config(*own, d))) {
    models = loaded->root.find("models");
    if (!models) d.error(loaded->root.where, "models", "is missing; expected a mapping from names to models");
  }
  Zoo zoo = load_zoo(models, d);
  if (d.ok()) return zoo;
  d.print(std::cerr);
  return std::nullopt;
}

/// "8.03 B", "125 M", "61.1 M": parameters as people say them.
std::string count_text(double count) {
  if (count >= 1e12) return fmt::format("{:.4g} T", count / 1e12);
  if (count >= 1e9) return fmt::format("{:.4g} B", count / 1e9);
  return fmt::format("{:.4g} M", count / 1e6);
}

std::string flop_text(double flop) {
  return flop >= 1e12 ? fmt::format("{:.4g} TFLOP", flop / 1e12) : fmt::format("{:.4g} GFLOP", flop / 1e9);
}

std::string attention_text(const Architecture& a) {
  if (a.latent.kv_rank > 0) return "MLA";
  if (a.kv_heads == 1) return "MQA";
  return a.kv_heads < a.heads ? "GQA" : "MHA";
}

std::string experts_text(const Experts& e) {
  if (e.count == 0) return "";
  return fmt::format("{} of {}{}", e.active, e.count, e.shared > 0 ? fmt::format(" + {}", e.shared) : "");
}

/// Every word of the pattern stands in the name, an alias or the vendor; letter case is ignored.
bool matches(const ModelEntry& model, const std::string& pattern) {
  std::string text = lower_case(model.name + '\n' + model.vendor);
  for (const std::string& alias : model.aliases) text += '\n' + lower_case(alias);
  const std::string wanted = lower_case(pattern);
  for (std::size_t at = 0; at < wanted.size();) {
    const std::size_t end = std::min(wanted.find(' ', at), wanted.size());
    if (text.find(wanted.substr(at, end - at)) == std::string::npos) return false;
    at = end + 1;
  }
  return true;
}

void list_row(const ModelEntry& model) {
  if (model.generic()) {
    const GenericModel g = model.generic_model();
    fmt::print("{:<32}{:>9}  {:>9}  {}: {} a sample\n", model.name, count_text(g.parameters), "", g.sample,
               flop_text(g.flops_per_sample));
    return;
  }
  const Architecture a = model.architecture();
  const bool sparse = a.experts.count > 0;
  fmt::print("{:<32}{:>9}  {:>9}  {:>6}  {:>6}  {:<9}  {:<12}  {}\n", model.name, count_text(parameters(a)),
             sparse ? count_text(active_parameters(a)) : "", a.layers, a.hidden,
             (a.hybrid ? "hybrid " : "") + attention_text(a), experts_text(a.experts), model.provenance.confidence);
}

void line(const std::string& key, const std::string& text) {
  fmt::print("  {:<22}{}\n", key, text);
}

/// The values written or taken over, one a line, as an entry of one's own would give them.
void show_values(const ModelEntry& model) {
  static const std::vector<std::string> elsewhere = {"source", "confidence", "basis", "estimates", "note"};
  const Node node = ModelEntry::description().write(&model);
  const Node defaults = ModelEntry::description().defaults();
  for (const Member& m : node.members) {
    if (std::find(elsewhere.begin(), elsewhere.end(), m.key) != elsewhere.end()) continue;
    const Node* standard = defaults.find(m.key);
    if (m.value.kind == Node::Kind::scalar) {
      if (!m.value.text.empty() && !(standard && standard->text == m.value.text)) line(m.key, m.value.text);
      continue;
    }
    std::string text;
    for (const Node& item : m.value.items) text += (text.empty() ? "" : ", ") + item.text;
    for (const Member& part : m.value.members)
      if (part.value.text != "0" && part.value.text != "false")
        text += (text.empty() ? "" : ", ") + part.key + " " + part.value.text;
    if (!text.empty()) line(m.key, text);
  }
}

std::string against(double computed, const std::optional<double>& published) {
  if (!published) return count_text(computed);
  return fmt::format("{} ({:+.2f} % of {} published)", count_text(computed), 100 * (computed / *published - 1),
                     count_text(*published));
}

void show_computed(const ModelEntry& model) {
  const Architecture a = model.architecture();
  const bool sparse = a.experts.count > 0;
  line("computed parameters", against(parameters(a), model.parameters));
  if (sparse) line("computed active", against(active_parameters(a), model.active_parameters));
  line("multiplied by", count_text(matmul_parameters(a)) + " (embedding look-up out, head in)");
  std::int64_t longest = model.max_context.value_or(4096);
  longest = std::min<std::int64_t>(longest, 131072);
  for (const std::int64_t tokens : {std::min<std::int64_t>(4096, longest), longest}) {
    const std::string legacy = a.causal ? fmt::format(" causal, {} counting the whole square",
                                                      flop_text(model_flops_per_token(a, tokens, false)))
                                        : "";
    line("FLOPs per token", fmt::format("{}{} (sequence of {}, forward and backward)",
                                        flop_text(model_flops_per_token(a, tokens)), legacy, tokens));
    if (tokens == longest) break;
  }
}

}  // namespace

int model_list(const std::string& pattern, const std::optional<std::filesystem::path>& own) {
  const auto zoo = zoo_with(own);
  if (!zoo) return kBadInput;
  std::vector<const ModelEntry*> found;
  for (const ModelEntry& model : zoo->models())
    if (matches(model, pattern)) found.push_back(&model);
  if (found.empty()) {
    std::cerr << fmt::format("model list: no model matches {}\n", in_quotes(pattern));
    const std::string hint = did_you_mean(pattern, zoo->all_names());
    std::cerr << "    " << (hint.empty() ? "`alight model list` lists them all" : hint) << '\n';
    return kBadInput;
  }
  fmt::print("{:<32}{:>9}  {:>9}  {:>6}  {:>6}  {:<9}  {:<12}  {}\n", "name", "total", "active", "layers", "hidden",
             "attention", "experts", "confidence");
  for (const ModelEntry* model : found) list_row(*model);
  fmt::print("\n`alight model show NAME` has every value and its source\n");
  return kDone;
}

int model_show(const std::string& name, const std::optional<std::filesystem::path>& own) {
  const auto zoo = zoo_with(own);
  if (!zoo) return kBadInput;
  const ModelEntry* model = zoo->find(name);
  if (!model) {
    std::cerr << fmt::format("model show: no model named {} in the zoo\n", in_quotes(name));
    const std::string hint = did_you_mean(name, zoo->all_names());
    std::cerr << "    " << hint << (hint.empty() ? "" : " ") << "(alight model list)\n";
    return kBadInput;
  }
  fmt::print("{}   ({})\n", model->name, model->kind);
  show_values(*model);
  if (!model->generic()) show_computed(*model);
  const Provenance& from = model->provenance;
  line("source", from.source);
  line("confidence", from.confidence.empty() ? "not stated" : from.confidence);
  if (!from.basis.empty()) line("basis", from.basis);
  if (!from.estimates.empty()) line("estimates", fmt::format("{}", fmt::join(from.estimates, ", ")));
  if (!from.note.empty()) line("note", from.note);
  return kDone;
}

}  // namespace alight::cli
