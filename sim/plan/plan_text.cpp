#include "sim/plan/plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/training/layout_text.hpp"
#include "sim/record/text_file.hpp"

namespace alight {
namespace {

std::string grouped(std::int64_t n) {
  std::string text = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string seconds_text(double s) {
  return s >= 100 ? fmt::format("{:.1f} s", s)
         : s >= 1 ? fmt::format("{:.2f} s", s)
                  : fmt::format("{:.1f} ms", s * 1e3);
}

std::string heading(const PlanSubject& subject) {
  const Layout& common = subject.common;
  std::string text =
      fmt::format("{} on {}   {} sequences of {} tokens a step, {}\n", subject.model.name, subject.pool.text(),
                  grouped(common.global_batch), grouped(common.sequence), name_of(common.precision));
  for (const PlanKind& kind : subject.pool.kinds) {
    text += fmt::format("  {}: {}", kind.kind.name, kind.kernels);
    if (kind.scale_out_assumed)
      text += fmt::format("; its network is not known, {:g} GB/s a chip assumed", kind.kind.fabric.out.gbs);
    text += '\n';
  }
  return text;
}

double mfu_pct(const PlanSubject& subject, const ChipKind& kind, double tokens_per_s_per_chip) {
  return 100 * tokens_per_s_per_chip * model_flops_per_token(subject.model, subject.common.sequence) /
         kind.chip.peak(kind.precision.value_or(subject.common.precision));
}

/// The layout's words without those every row shares.
std::string own_words(const Layout& layout) {
  Layout shown = layout;
  const Layout plain;
  shown.global_batch = plain.global_batch;
  shown.sequence = plain.sequence;
  shown.precision = plain.precision;
  shown.optimizer = plain.optimizer;
  shown.flash_attention = plain.flash_attention;
  std::string text = text_of(shown);
  if (layout.pipeline_slots > 0) text += " slots" + std::to_string(layout.pipeline_slots);
  return text.empty() ? "dp1" : text;
}

std::string where_it_goes(const StepBreakdown& b, double bucket_s, double step_s) {
  std::string text;
  const auto say = [&](const char* name, double seconds) {
    if (seconds > 0.0005 * step_s)
      text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : "   ", name, 100 * seconds / step_s);
  };
  say("compute", b.compute_s);
  say("tensor", b.tensor_s);
  say("pipeline", b.pipeline_s);
  say("data", b.data_s);
  say("expert", b.expert_s);
  say("context", b.context_s);
  say("bubble", b.bubble_s);
  say("bucket", bucket_s);
  say("optimiser", b.optimizer_s);
  say("other", b.other_s);
  return text;
}

std::string plan_of(const PlanSubject& subject, const char* name, const MixedPlan& plan, double eta) {
  const MixedStep& step = plan.step;
  std::string text =
      fmt::format("\n  {:<9} {}   {} tokens/s   {:.1f} % of what the chips give alone   {} across kinds\n", name,
                  seconds_text(step.seconds), grouped(std::llround(step.tokens_per_s())), 100 * eta,
                  plan.family == MixedFamily::data ? "batches" : "layers");
  for (const std::string& line : describe_mixed(plan.layout, subject.pool.chip_kinds()))
    text += fmt::format("            {}\n", line);
  for (std::size_t k = 0; k < step.kinds.size(); ++k) {
    const KindStep& kind = step.kinds[k];
    if (kind.chips == 0) continue;
    text += fmt::format("            {:<14} {}   memory {:.1f} of {:.0f} GB\n", subject.pool.kinds[k].kind.name,
                        where_it_goes(kind.breakdown, kind.bucket_s, step.seconds), kind.memory.total() / 1e9,
                        subject.pool.kinds[k].kind.chip.memory_bytes / 1e9);
  }
  return text;
}

class Table {
 public:
  Table(const std::filesystem::path& out, Diagnostics& d) : out_(out), part_(out), d_(d) { part_ += ".part"; }

  template <class Write>
  void write(Write rows) {
    try {
      {
        TextFile file(part_);
        rows(file);
        file.close();
      }
      std::filesystem::rename(part_, out_);
    } catch (const std::system_error& e) {
      std::error_code ignored;
      std::filesystem::remove(part_, ignored);
      d_.error({}, "--out", out_.string() + " cannot be written: " + e.code().message());
    }
  }

 private:
  std::filesystem::path out_, part_;
  Diagnostics& d_;
};

}  // namespace

std::string search_text(const PlanSubject& subject, const SearchResult& result, std::size_t top) {
  const ChipKind& kind = subject.pool.kinds.front().kind;
  std::string text = heading(subject);
  text += fmt::format("  {} layouts looked at, {} fit into {:.0f} GB\n", grouped(result.considered),
                      grouped(result.fitting), kind.chip.memory_bytes / 1e9);
  if (!result.complete) text += "  interrupted: part of the space only\n";
  std::string out;
  for (const auto& [why, count] : result.reasons)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", why, grouped(count));
  if (!out.empty()) text += fmt::format("  out: {}\n", out);
  if (result.fitting == 0) {
    if (result.considered > 0)
      text +=
          fmt::format("  nothing fits; the leanest layout needs {:.1f} GB a chip\n", result.least_memory_bytes / 1e9);
    return text;
  }
  text += fmt::format("\n  {:>4}  {:>9}  {:>17}  {:>13}  {:>6}  {:>8}  layout\n", "rank", "step", "low to high",
                      "tokens/s/chip", "MFU", "memory");
  std::size_t rank = 0;
  for (const FoundLayout& found : result.found) {
    if (!found.fits || rank == top) break;
    const TrainingStep step = predict_step(subject.model, found.layout, kind.chip, kind.fabric);
    const double rate = step.tokens_per_s_per_chip(kind.chips);
    text += fmt::format("  {:>4}  {:>9}  {:>17}  {:>13.1f}  {:>4.1f} %  {:>5.1f} GB  {}\n", ++rank,
                        seconds_text(step.seconds),
                        fmt::format("{} to {}", seconds_text(step.low_s), seconds_text(step.high_s)), rate,
                        mfu_pct(subject, kind, rate), found.memory_bytes / 1e9, own_words(found.layout));
  }
  const TrainingStep best = predict_step(subject.model, result.found.front().layout, kind.chip, kind.fabric);
  text += "\n  the fastest: " + where_it_goes(best.breakdown, 0, best.seconds) + '\n';
  return text;
}

void write_search(const PlanSubject& subject, const SearchResult& result, const std::filesystem::path& out,
                  Diagnostics& diagnostics) {
  const ChipKind& kind = subject.pool.kinds.front().kind;
  const double tokens = static_cast<double>(subject.common.global_batch * subject.common.sequence);
  Table(out, diagnostics).write([&](TextFile& file) {
    file.add(
        "rank,status,step_s,tokens_per_s_per_chip,mfu_pct,memory_gb,tp,pp,vpp,cp,ep,dp,micro_batch,sequence_parallel,"
        "sharding,shard_ranks,recompute,schedule,overlap_gradients,overlap_tensor,pipeline_slots,uneven_stages,"
        "search\n");
    static constexpr const char* kSharding[] = {"none", "zero1", "zero1_node", "zero2", "zero3", "fsdp", "hsdp"};
    static constexpr const char* kRecompute[] = {"none", "selective", "full"};
    static constexpr const char* kSchedule[] = {"gpipe", "1f1b", "dualpipe"};
    std::int64_t rank = 0;
    for (const FoundLayout& found : result.found) {
      const Layout& l = found.layout;
      if (found.fits) {
        const double rate = tokens / found.seconds / static_cast<double>(kind.chips);
        file.print("{},ok,{:.6g},{:.6g},{:.4g},", ++rank, found.seconds, rate, mfu_pct(subject, kind, rate));
      } else {
        file.add(",out_of_memory,,,,");
      }
      file.print("{:.5g},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", found.memory_bytes / 1e9, l.tensor,
                 l.pipeline, l.virtual_stages, l.context, l.expert, l.data, l.micro_batch, int{l.sequence_parallel},
                 kSharding[static_cast<std::size_t>(l.sharding)], l.shard_ranks,
                 kRecompute[static_cast<std::size_t>(l.recompute)], kSchedule[static_cast<std::size_t>(l.schedule)],
                 int{l.overlap_gradients}, int{l.overlap_tensor}, l.pipeline_slots, int{l.uneven_stages},
                 result.complete ? "complete" : "interrupted");
    }
  });
}

std::string mixed_text(const PlanSubject& subject, const MixedPlans& plans, const BucketEffect& effect,
                       const InterKind& inter) {
  std::string text = heading(subject);
  if (inter.gbs > 0 || inter.staged)
    text += fmt::format("  between kinds: {}{}\n",
                        inter.gbs > 0 ? fmt::format("{:g} GB/s a chip", inter.gbs) : std::string("the chips' networks"),
                        inter.staged ? ", copied through the hosts" : "");
  text += '\n';
  for (std::size_t k = 0; k < effect.alone.size(); ++k) {
    const Alone& alone = effect.alone[k];
    const ChipKind& kind = subject.pool.kinds[k].kind;
    if (alone.tokens_per_s_per_chip <= 0) {
      text += fmt::format("  alone     {:<14} cannot train it, at any number of chips looked at\n", kind.name);
      continue;
    }
    text += fmt::format("  alone     {:<14} {:.1f} tokens/s/chip   MFU {:.1f} %   {} ({} chips, {} sequences)\n",
                        kind.name, alone.tokens_per_s_per_chip, mfu_pct(subject, kind, alone.tokens_per_s_per_chip),
                        own_words(alone.layout), grouped(alone.chips), grouped(alone.global_batch));
  }
  if (plans.best) {
    text += plan_of(subject, "best", *plans.best, effect.eta_mix.value_or(0));
  } else {
    text += fmt::format("\n  best      none: {}\n", plans.why_none);
  }
  if (plans.naive) {
    text += plan_of(subject, "naive", *plans.naive, effect.eta_naive.value_or(0));
  } else {
    text += fmt::format("\n  naive     none: {}\n", plans.why_no_naive);
  }
  text += fmt::format("\n  bucket effect   eta_bucket {:.3f}", effect.eta_bucket);
  if (effect.eta_mix)
    text += fmt::format("   eta_mix {:.3f}   recovery {:.0f} %", *effect.eta_mix, 100 * effect.recovery);
  text += '\n';
  if (effect.lifts.empty()) return text;
  text += "  shortest stave  lifted to the fleet's best, planned anew\n";
  for (const Lift& lift : effect.lifts) {
    text += fmt::format("                  {:<14} {:<17} +{:.1f} %", subject.pool.kinds[lift.kind].kind.name,
                        name_of(lift.stave), lift.gain_pct);
    if (lift.price_per_pct > 0) text += fmt::format("   {} USD a percent", grouped(std::llround(lift.price_per_pct)));
    text += '\n';
  }
  return text;
}

void write_mixed(const PlanSubject& subject, const MixedPlans& plans, const BucketEffect& effect, bool complete,
                 const std::filesystem::path& out, Diagnostics& diagnostics) {
  const std::vector<ChipKind> kinds = subject.pool.chip_kinds();
  const char* const end = complete ? "complete" : "interrupted";
  Table(out, diagnostics).write([&](TextFile& file) {
    file.add(
        "record,kind,chips,step_s,tokens_per_s,eta,compute_s,tensor_s,pipeline_s,data_s,expert_s,context_s,bubble_s,"
        "bucket_s,optimizer_s,other_s,memory_gb,layout,stave,gain_pct,usd_per_pct,search\n");
    for (std::size_t k = 0; k < effect.alone.size(); ++k) {
      const Alone& a = effect.alone[k];
      const double tokens = static_cast<double>(a.global_batch * subject.common.sequence);
      const double rate = a.tokens_per_s_per_chip * static_cast<double>(a.chips);
      file.print("alone,{},{},{:.6g},{:.6g},,,,,,,,,,,,,{},,,,{}\n", csv_field(kinds[k].name), a.chips,
                 rate > 0 ? tokens / rate : 0, rate, csv_field(rate > 0 ? own_words(a.layout) : ""), end);
    }
    const auto rows = [&](const char* record, const std::optional<MixedPlan>& plan, std::optional<double> eta) {
      if (!plan) return;
      std::string layout;
      for (const std::string& line : describe_mixed(plan->layout, kinds)) layout += (layout.empty() ? "" : "; ") + line;
      for (std::size_t k = 0; k < kinds.size(); ++k) {
        const KindStep& s = plan->step.kinds[k];
        const StepBreakdown& b = s.breakdown;
        file.print(
            "{},{},{},{:.6g},{:.6g},{:.5g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},"
            "{:.5g},{},,,,{}\n",
            record, csv_field(kinds[k].name), s.chips, plan->step.seconds, plan->step.tokens_per_s(), eta.value_or(0),
            b.compute_s, b.tensor_s, b.pipeline_s, b.data_s, b.expert_s, b.context_s, b.bubble_s, s.bucket_s,
            b.optimizer_s, b.other_s, s.memory.total() / 1e9, csv_field(layout), end);
      }
    };
    rows("best", plans.best, effect.eta_mix);
    rows("naive", plans.naive, effect.eta_naive);
    for (const Lift& lift : effect.lifts)
      file.print("lift,{},{},,,,,,,,,,,,,,,,{},{:.4g},{:.6g},{}\n", csv_field(kinds[lift.kind].name),
                 kinds[lift.kind].chips, name_of(lift.stave), lift.gain_pct, lift.price_per_pct, end);
  });
}

}  // namespace alight
