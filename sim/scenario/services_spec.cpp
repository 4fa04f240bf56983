#include "sim/scenario/services_spec.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <sstream>

namespace alight {
namespace {

constexpr Range kServiceTime{.min = 0, .max = 1e8};

void check_replicas(const ReplicasSpec& r, const std::string& path, Diagnostics& out) {
  ServingLayout layout;
  if (const std::string wrong = read_serving_layout(r.layout, layout); !wrong.empty())
    out.error_at(join_key(path, "layout"), wrong);
  if (r.chunk && r.batched_tokens && *r.chunk > *r.batched_tokens)
    out.error_at(join_key(path, "chunk"), "is more than `batched_tokens`, all that an iteration holds");
}

void check_service(const ServiceSpec& s, const std::string& path, Diagnostics& out) {
  if (!s.requests) out.error_at(path, "states no `requests`");
  if (s.replicas.empty()) out.error_at(path, "states no `replicas`", "a list: pool, layout, count");
  bool prefill = false, decode = false;
  for (std::size_t i = 0; i < s.replicas.size(); ++i) {
    const ReplicasSpec& r = s.replicas[i];
    prefill = prefill || r.role == ReplicaRole::prefill;
    decode = decode || r.role == ReplicaRole::decode;
    if (r.autoscale && r.autoscale->by == ScaleBy::slo && !(s.slo && s.slo->ttft_s))
      out.error_at(fmt::format("{}[{}].autoscale.by", join_key(path, "replicas"), i),
                   "counts first tokens in time, and the service promises none", "slo: {ttft: 2 s}");
  }
  if (prefill != decode)
    out.error_at(join_key(path, "replicas"), prefill ? "some prefill only, and none decodes what they hand over"
                                                     : "some decode only, and none prefills for them");
}

}  // namespace

std::string read_serving_layout(const std::string& text, ServingLayout& layout) {
  layout = {};
  std::istringstream words(text);
  std::set<std::string> seen;
  bool expert_tensor = false;
  for (std::string word; words >> word;) {
    const std::size_t digits = word.find_first_of("0123456789");
    const std::string what = word.substr(0, digits);
    std::int64_t ranks = 0;
    const auto [end, problem] = digits == std::string::npos
                                    ? std::from_chars_result{word.data(), std::errc::invalid_argument}
                                    : std::from_chars(word.data() + digits, word.data() + word.size(), ranks);
    std::int64_t* to = what == "tp"    ? &layout.tensor
                       : what == "dp"  ? &layout.data
                       : what == "pp"  ? &layout.pipeline
                       : what == "ep"  ? &layout.expert
                       : what == "etp" ? &layout.expert_tensor
                                       : nullptr;
    if (!to || problem != std::errc{} || end != word.data() + word.size() || ranks < 1 || ranks > 65536)
      return fmt::format("\"{}\" is none of tpN, dpN, ppN, epN, etpN", word);
    if (!seen.insert(what).second) return fmt::format("\"{}\" is given twice", what);
    expert_tensor = expert_tensor || what == "etp";
    *to = ranks;
  }
  const std::int64_t stage = layout.stage_chips();
  if (!expert_tensor && stage % layout.expert == 0) layout.expert_tensor = stage / layout.expert;
  if (layout.expert * layout.expert_tensor != stage)
    return fmt::format("experts are spread over ep x etp = {} chips, a stage has tp x dp = {}",
                       layout.expert * layout.expert_tensor, stage);
  return {};
}

const Description& AutoscaleSpec::description() {
  static const auto d =
      describe<AutoscaleSpec>("autoscale", "How many replicas there are, as Kubernetes' horizontal autoscaler counts.")
          .choice("by", &AutoscaleSpec::by,
                  {{"queue", ScaleBy::queue}, {"utilisation", ScaleBy::utilisation}, {"slo", ScaleBy::slo}},
                  "queue: requests in flight for each replica; utilisation: of the places of its batch; slo: share of "
                  "first tokens within slo.ttft.")
          .integer("min", &AutoscaleSpec::min, "Never fewer.", {.min = 0, .max = 1e6})
          .integer("max", &AutoscaleSpec::max, "Never more.", {.min = 1, .max = 1e6})
          .required()
          .number("target", &AutoscaleSpec::target,
                  "What the measure should be. Default: queue 0.8 of `max_batch`, utilisation 0.8, slo 0.95.",
                  {.min = 0, .max = 1e9, .above_min = true})
          .quantity("every", &AutoscaleSpec::every_s, "s", "Between two looks.", {.min = 1e-3, .max = 1e6})
          .quantity("hold", &AutoscaleSpec::hold_s, "s", "Fewer only when fewer were wanted for so long.",
                    {.min = 0, .max = 1e7})
          .number("tolerance", &AutoscaleSpec::tolerance, "Within this share of the target nothing moves.",
                  {.min = 0, .max = 10})
          .check([](const AutoscaleSpec& a, const std::string& path, Diagnostics& out) {
            if (a.min > a.max) out.error_at(join_key(path, "min"), "is more than `max`");
          })
          .done();
  return d;
}

const Description& SpeculationSpec::description() {
  static const auto d =
      describe<SpeculationSpec>("speculation", "Guessing tokens ahead and checking them together.")
          .integer("drafted", &SpeculationSpec::drafted, "Tokens guessed an iteration.", {.min = 1, .max = 64})
          .number("acceptance", &SpeculationSpec::acceptance, "Mean share of the guessed tokens that is kept.",
                  {.min = 0, .max = 1})
          .required()
          .done();
  return d;
}

const Description& ReplicasSpec::description() {
  static const auto d =
      describe<ReplicasSpec>("replicas", "Replicas of a service that are alike.")
          .text("pool", &ReplicasSpec::pool, "The pool whose chips they take.")
          .required()
          .text("layout", &ReplicasSpec::layout,
                "How one is spread over chips: \"tp8\", \"tp8 dp8 ep64\", \"pp2 tp8\" (docs/services.md).")
          .choice("precision", &ReplicasSpec::precision,
                  {{"bf16", Precision::bf16}, {"fp8", Precision::fp8}, {"nvfp4", Precision::nvfp4}},
                  "Of the weights of its layers.")
          .number("kv_bits", &ReplicasSpec::kv_bits,
                  "Of an element of keys and values. Default: 16, or 8 with weights "
                  "that narrow.",
                  {.min = 1, .max = 32})
          .choice("role", &ReplicasSpec::role,
                  {{"aggregated", ReplicaRole::aggregated},
                   {"prefill", ReplicaRole::prefill},
                   {"decode", ReplicaRole::decode}},
                  "aggregated: prompts and answers; prefill: hands over after the first token; decode: takes over.")
          .integer("count", &ReplicasSpec::count, "How many there are; with `autoscale`, at first.",
                   {.min = 0, .max = 1e6})
          .object("autoscale", &ReplicasSpec::autoscale, "More and fewer as they are needed. Default: always `count`.")
          .text("engine", &ReplicasSpec::engine, "The serving engine: a catalogue name (alight catalog list engines).")
          .integer("max_batch", &ReplicasSpec::max_batch, "Sequences it runs at once.", {.min = 1, .max = 1e6})
          .integer("batched_tokens", &ReplicasSpec::batched_tokens,
                   "New tokens in an iteration, of prompts and answers. Default: the engine's, for each data rank.",
                   {.min = 1, .max = 1e8})
          .integer("chunk", &ReplicasSpec::chunk, "Of one prompt in an iteration. Default: no limit of its own.",
                   {.min = 1, .max = 1e8})
          .quantity("memory_share", &ReplicasSpec::memory_share, "1",
                    "Of the chip's memory for weights, activations and cache. Default: the engine's.",
                    {.min = 0.01, .max = 1})
          .integer("block_tokens", &ReplicasSpec::block_tokens, "Tokens of a block of keys and values.",
                   {.min = 1, .max = 65536})
          .choice(
              "prefix_cache", &ReplicasSpec::prefix_cache,
              {{"off", PrefixCaching::off}, {"on", PrefixCaching::on}, {"unbounded", PrefixCaching::unbounded}},
              "Keeps blocks of prompts: in the memory nobody needs (on), or in a store that never fills (unbounded).")
          .choice("preemption", &ReplicasSpec::preemption,
                  {{"recompute", Preemption::recompute}, {"swap", Preemption::swap}},
                  "What becomes of a sequence for which there are no blocks left.")
          .quantity("swap", &ReplicasSpec::swap_gbs, "GB/s", "To and from the host, of each chip.",
                    {.min = 1e-3, .max = 1e5})
          .object("speculation", &ReplicasSpec::speculation, "Guessing tokens ahead. Default: none.")
          .quantity("startup", &ReplicasSpec::startup_s, "s",
                    "From its chips to its first request, besides loading its weights from site.storage.", kServiceTime)
          .check(check_replicas)
          .done();
  return d;
}

const Description& SloSpec::description() {
  static const auto d =
      describe<SloSpec>("slo", "What is promised: a request within all that is given is good.")
          .quantity("ttft", &SloSpec::ttft_s, "s", "From arrival to the first token.", kServiceTime)
          .quantity("tpot", &SloSpec::tpot_s, "s", "Mean time between later tokens.", kServiceTime)
          .quantity("end_to_end", &SloSpec::end_to_end_s, "s", "From arrival to the last token.", kServiceTime)
          .done();
  return d;
}

const Description& ServiceSpec::description() {
  static const auto d =
      describe<ServiceSpec>("service", "A language model that answers requests (docs/services.md).")
          .text("name", &ServiceSpec::name, "Its name in outputs; replicas are NAME.0, NAME.1 ...")
          .required()
          .text("model", &ServiceSpec::model, "A name of the model zoo, or of `models`.")
          .required()
          .object("requests", &ServiceSpec::requests, "What it is asked.")
          .list("replicas", &ServiceSpec::replicas, "Its replicas, by kind.")
          .choice("router", &ServiceSpec::router,
                  {{"least_work", RequestRouting::least_work},
                   {"round_robin", RequestRouting::round_robin},
                   {"power_of_two", RequestRouting::power_of_two},
                   {"prefix_aware", RequestRouting::prefix_aware},
                   {"session", RequestRouting::session},
                   {"weighted", RequestRouting::weighted}},
                  "Which replica a request goes to (docs/serving.md).")
          .integer("queue_limit", &ServiceSpec::queue_limit,
                   "A replica with so many waiting takes no more. 0: no limit.", {.min = 0, .max = 1e9})
          .quantity("timeout", &ServiceSpec::timeout_s, "s", "A request not answered by then is given up.",
                    {.min = 0, .max = 1e8, .above_min = true})
          .integer("retries", &ServiceSpec::retries, "Of a request whose replica failed.", {.min = 0, .max = 1000})
          .object("slo", &ServiceSpec::slo, "What is promised.")
          .integer("priority", &ServiceSpec::priority, "Of its replicas among jobs; higher goes first.",
                   {.min = -30000, .max = 30000})
          .flag("record", &ServiceSpec::record, "Writes a row for each of its requests to requests.csv.")
          .text("vc", &ServiceSpec::vc, "Virtual cluster whose quota its replicas count against.")
          .check(check_service)
          .done();
  return d;
}

}  // namespace alight
