#include "sim/predict/serving.hpp"

#include <algorithm>
#include <cmath>

#include "sim/predict/output.hpp"

namespace alight {

namespace {

// The first token's time is less certain than the time between tokens: it hangs on when others arrived.
constexpr double kFirstTokenUncertainty = 2;

struct Played {
  LoopResult loop;
  IterationParts parts;
  double kept = 1;
};

bool room_for_one(const ReplicaModel& replica, const ClosedLoop& loop) {
  return static_cast<double>(replica.kv_tokens()) >= loop.input + loop.output;
}

// A chip on which anything fits, for the times of what does not.
Accelerator endless(Accelerator chip) {
  chip.memory_bytes = 1e15;
  return chip;
}

// Workers for prompts that keep up with those that decode.
double needed_prefill(const ServingSetup& s, const ReplicaModel& prefill, const ReplicaModel& decode,
                      std::int64_t decode_workers) {
  const double input = s.loop.input * (1 + s.loop.shortest) / 2, output = s.loop.output * (1 + s.loop.shortest) / 2;
  const auto ranks = static_cast<double>(prefill.layout().data);
  const double together = std::max(1.0, std::floor(prefill.engine().batched_tokens / input)) * ranks;
  const IterationWork work{
      .prefill_tokens = together * input, .prefill_sequences = together, .prefill_pairs = together * input * input / 2};
  const double prompts_per_s = together / prefill.iteration_time(work).seconds(0);
  const double batch = static_cast<double>(s.loop.concurrency) / static_cast<double>(decode_workers);
  const double step = decode.iteration_time({.decodes = batch}).seconds(batch * (input + output / 2));
  const double needed = static_cast<double>(s.loop.concurrency) / (output * step / decode.tokens_per_iteration());
  return needed / prompts_per_s;
}

// How the workers are shared out: as the case says, or so that prompts keep up.
struct Shares {
  std::int64_t prefill_workers = 0, decode_workers = 1;
  ServingLayout decode;
};

Shares shares_of(const ServingSetup& s, const ReplicaModel& prefill, const Speculation& speculation) {
  constexpr std::int64_t kMostPrefill = 10;
  Shares out{.prefill_workers = s.prefill_workers, .decode_workers = s.decode_workers, .decode = s.decode};
  const auto model = [&] { return ReplicaModel(s.model, out.decode, s.chip, s.fabric, s.engine, speculation); };
  const auto needed = [&] { return needed_prefill(s, prefill, model(), out.decode_workers); };
  const auto short_of_prompts = [&] { return needed() > static_cast<double>(out.prefill_workers); };
  if (s.shares_open) {
    while (out.decode_workers > 1 && short_of_prompts()) --out.decode_workers;
    while (out.decode.data >= 2 * prefill.chips() && short_of_prompts()) {
      const ServingLayout before = out.decode;
      out.decode.data /= 2;
      out.decode.expert = std::max<std::int64_t>(1, out.decode.expert / 2);
      if (!room_for_one(model(), s.loop)) {
        out.decode = before;
        break;
      }
      out.prefill_workers += out.decode.data / prefill.chips();
    }
    if (s.decode.data == 1 && short_of_prompts()) out.prefill_workers = 0;
  }
  if (out.prefill_workers == 0)
    out.prefill_workers = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(needed())), 1, kMostPrefill);
  return out;
}

Played play(const ServingSetup& s, const Speculation& speculation, ServingPrediction& out) {
  Played result;
  const auto replica = [&](const ServingLayout& layout, const Speculation& guess) {
    const ReplicaModel real(s.model, layout, s.chip, s.fabric, s.engine, guess);
    if (room_for_one(real, s.loop)) return real;
    out.fits = false;
    return ReplicaModel(s.model, layout, endless(s.chip), s.fabric, s.engine, guess);
  };
  const auto told = [&](const ReplicaModel& decode) {
    result.parts = decode.iteration_parts({.decodes = result.loop.mean_batch}, result.loop.mean_context);
    result.kept = decode.tokens_per_iteration();
    out.memory = memory_of(s.model, decode.layout(), s.engine, s.chip.memory_bytes);
    out.cache_bytes_per_chip =
        result.loop.mean_context * decode.kv_bytes_per_token() / static_cast<double>(decode.chips());
  };
  if (!s.split) {
    const ReplicaModel whole = replica(s.whole, speculation);
    result.loop = run_closed_loop(s.loop, whole);
    told(whole);
    out.chips = whole.chips();
    return result;
  }
  const ReplicaModel prefill = replica(s.prefill, {});
  const Shares shares = shares_of(s, prefill, speculation);
  const ReplicaModel decode = replica(shares.decode, speculation);
  SplitPools pools{.prefill = &prefill, .decode = &decode};
  pools.decode_workers = shares.decode_workers;
  pools.prefill_workers = shares.prefill_workers;
  pools.prefill_batch = s.prefill_batch;
  // A cache leaves by the network cards of all chips that hold it, or over the scale-up links of a common domain.
  const bool common = prefill.chips() + decode.chips() <= s.fabric.up.domain;
  const double gbs = common ? s.fabric.up.gbs : s.fabric.out.gbs;
  pools.handover_bytes_s = gbs * 1e9 * static_cast<double>(std::min(prefill.chips(), decode.chips()));
  result.loop = run_closed_loop(s.loop, pools);
  told(decode);
  out.prefill_workers = pools.prefill_workers;
  out.decode_workers = pools.decode_workers;
  out.chips = pools.prefill_workers * prefill.chips() + pools.decode_workers * decode.chips();
  return result;
}

}  // namespace

ServingPrediction predict_serving(const ServingSetup& setup) {
  ServingPrediction out;
  const Played played = play(setup, setup.speculation, out);
  out.ttft_s = played.loop.ttft_s;
  out.tpot_s = played.loop.tpot_s;
  out.tokens_per_s = played.loop.tokens_per_s;
  const double deviation = 1 + setup.uncertainty;
  out.tpot_low_s = out.tpot_s / deviation;
  out.tpot_high_s = out.tpot_s * deviation;
  if (setup.speculation_open) {
    ServingPrediction ignored;
    const Played plain = play(setup, {}, ignored);
    out.tpot_low_s = std::min(played.loop.tpot_s, plain.loop.tpot_s) / deviation;
    out.tpot_high_s = std::max(played.loop.tpot_s, plain.loop.tpot_s) * deviation;
    out.tpot_s = std::sqrt(played.loop.tpot_s * plain.loop.tpot_s);
    out.ttft_s = std::sqrt(played.loop.ttft_s * plain.loop.ttft_s);
    out.tokens_per_s = std::sqrt(played.loop.tokens_per_s * plain.loop.tokens_per_s);
  }
  const double first = 1 + kFirstTokenUncertainty * setup.uncertainty;
  out.ttft_low_s = out.ttft_s / first;
  out.ttft_high_s = out.ttft_s * first;
  const double output = setup.loop.output * (1 + setup.loop.shortest) / 2;
  out.requests_per_s = out.tokens_per_s / output;
  out.batch = played.loop.mean_batch;
  out.context = played.loop.mean_context;
  // Each part in its share of the time between tokens; an iteration alone may be longer than that where the last
  // answers of a benchmark run in a smaller batch.
  const double alone = played.parts.seconds() / played.kept;
  const double scale = alone > out.tpot_s ? out.tpot_s / played.parts.seconds() : 1 / played.kept;
  out.parts = played.parts;
  for (double* part : {&out.parts.products_s, &out.parts.experts_s, &out.parts.prompts_s, &out.parts.cache_s,
                       &out.parts.exchange_s, &out.parts.launch_s, &out.parts.host_s})
    *part *= scale;
  out.waiting_s = std::max(0.0, out.tpot_s - out.parts.seconds());
  return out;
}

namespace {

void print(PredictionFile& file, const ServingCase& row, const ServingSetup& s, const ServingPrediction& p) {
  const double ms = 1e3, gb = 1e-9;
  const ServingMemory& m = p.memory;
  file.print("{},{},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},", csv_field(row.id),
             p.fits ? "ok" : "out_of_memory", p.ttft_s * ms, p.ttft_low_s * ms, p.ttft_high_s * ms, p.tpot_s * ms,
             p.tpot_low_s * ms, p.tpot_high_s * ms, p.tokens_per_s / static_cast<double>(p.chips), p.requests_per_s);
  file.print("{:.5g},{:.5g},{:.5g},{:.5g},",
             (m.weight_bytes_per_chip + p.cache_bytes_per_chip + m.activation_bytes_per_chip) * gb,
             m.weight_bytes_per_chip * gb, p.cache_bytes_per_chip * gb, m.activation_bytes_per_chip * gb);
  file.print("{:.5g},{:.5g},{:.5g},{:.5g},{:.5g},{:.5g},{:.5g},", p.parts.products_s * ms, p.parts.experts_s * ms,
             p.parts.cache_s * ms, p.parts.exchange_s * ms, p.parts.launch_s * ms, p.parts.host_s * ms,
             p.waiting_s * ms);
  file.print("{},{},{},{},{:.5g},{:.5g},{},{},{},{}\n", p.chips, p.prefill_workers, p.decode_workers,
             s.loop.concurrency, p.batch, p.context, s.speculation.drafted, csv_field(s.kind->name),
             csv_field(s.kernels.kind->name), name_of(s.kernels.basis));
}

}  // namespace

std::size_t predict_serving_cases(const std::filesystem::path& cases, const std::filesystem::path& out,
                                  const Catalogue& catalogue, const Zoo& zoo, const CaseGround& ground,
                                  Diagnostics& diagnostics) {
  CaseTable table(cases, diagnostics);
  const ServingColumns columns(table);
  if (!diagnostics.ok()) return 0;
  PredictionFile file(
      "id,status,ttft_ms,ttft_low_ms,ttft_high_ms,tpot_ms,tpot_low_ms,tpot_high_ms,tokens_per_s_per_chip,"
      "requests_per_s,memory_gb,weights_gb,cache_gb,activations_gb,products_ms,experts_ms,cache_ms,exchange_ms,"
      "launch_ms,host_ms,waiting_ms,chips,prefill_workers,decode_workers,concurrency,batch,context,draft_tokens,"
      "engine,kernels,basis\n");
  const ServingResolver resolver(catalogue, zoo, ground);
  ServingSetup setup;
  std::size_t rows = 0;
  while (table.next()) {
    const ServingCase row = columns.read(table);
    if (!diagnostics.ok()) continue;
    const std::string why = resolver.resolve(row, setup);
    if (why.empty())
      print(file, row, setup, predict_serving(setup));
    else
      file.unsupported(row.id, why);
    ++rows;
  }
  if (!diagnostics.ok()) return 0;
  file.write(out, diagnostics);
  return diagnostics.ok() ? rows : 0;
}

}  // namespace alight
