#include "sim/predict/serving_layout.hpp"

#include <algorithm>

namespace alight {

namespace {

constexpr std::int64_t kManyRequests = 512, kServer = 8, kLargeDeployment = 36, kLongPrompt = 4096, kLongContext = 4096,
                       kLongBatch = 256, kShortBatch = 768, kShortPrompt = 1024, kVeryMany = 4096;

void settle_experts(ServingLayout& l, const Architecture& model) {
  const std::int64_t chips = l.stage_chips();
  l.expert = model.experts.count > 0 ? std::clamp<std::int64_t>(l.expert, 1, chips) : 1;
  while (chips % l.expert != 0) --l.expert;
  l.expert_tensor = chips / l.expert;
}

// Data parallel attention, experts spread over all chips.
ServingLayout data_parallel(std::int64_t chips, const Architecture& model) {
  ServingLayout l;
  l.data = chips;
  l.expert = chips;
  settle_experts(l, model);
  return l;
}

ServingLayout tensor_parallel(std::int64_t chips, const Architecture& model, bool spread_experts) {
  ServingLayout l;
  l.tensor = chips;
  l.expert = spread_experts ? chips : 1;
  settle_experts(l, model);
  return l;
}

std::int64_t power_below(std::int64_t n) {
  std::int64_t p = 1;
  while (2 * p <= n) p *= 2;
  return p;
}

}  // namespace

ServingLayout layout_of(const StatedLayout& stated, const Architecture& model) {
  const auto one = [](std::int64_t n) { return std::max<std::int64_t>(1, n); };
  ServingLayout l;
  l.tensor = one(stated.tensor);
  l.data = one(stated.data);
  l.pipeline = one(stated.pipeline);
  l.expert = one(stated.expert);
  const std::int64_t slices = one(stated.expert_tensor), ranks = slices * l.expert;
  if (model.experts.count > 0) {
    if (slices == l.expert && l.expert > 1 && l.tensor * l.data == ranks) {
      const bool data = l.data > l.tensor;
      l.tensor = data ? 1 : l.expert;
      l.data = data ? l.expert : 1;
    } else if (l.data > 1 && l.tensor == l.data && slices == 1 && ranks == l.tensor * l.data) {
      l.data = 1;
      l.expert = l.tensor;
    } else if (ranks > l.tensor * l.data && ranks % l.data == 0) {
      l.tensor = ranks / l.data;
    }
  }
  settle_experts(l, model);
  return l;
}

bool whole_deployment(const StatedLayout& stated, const Architecture& model, double weight_bytes, double chip_bytes) {
  if (stated.tensor > 1 && model.heads % stated.tensor != 0) return true;
  if (model.experts.count > 0 && stated.tensor > 2 * kServer && stated.expert_tensor == stated.tensor) return true;
  const std::int64_t chips = std::max<std::int64_t>({1, stated.tensor * std::max<std::int64_t>(1, stated.data),
                                                     stated.expert * std::max<std::int64_t>(1, stated.expert_tensor)});
  return stated.tensor == 1 && chips == 1 && weight_bytes > chip_bytes;
}

SplitLayout split_layout_of(const ServingCase& row, const Architecture& model, std::int64_t domain,
                            std::int64_t concurrency, double weight_bytes, double chip_bytes, bool narrow) {
  SplitLayout out;
  const StatedLayout& told = row.split ? row.decode : row.whole;
  const bool large = told.tensor > kLargeDeployment && whole_deployment(told, model, weight_bytes, chip_bytes);
  const bool many = concurrency >= kManyRequests || large, sglang = row.engine == "sglang";
  const StatedLayout& decode = row.split ? row.decode : row.whole;
  const StatedLayout& prefill = row.split ? row.prefill : row.whole;
  out.prefill_workers = prefill.workers;
  out.decode_workers = std::max<std::int64_t>(1, decode.workers);
  if (whole_deployment(decode, model, weight_bytes, chip_bytes)) {
    // Workers for prompts of the fewest chips that hold the weights, the others decode.
    std::int64_t least = 1;
    while (static_cast<double>(least) * chip_bytes * 0.8 < weight_bytes && least < 64) least *= 2;
    least = std::max<std::int64_t>(least, std::min<std::int64_t>(4, kServer));
    const std::int64_t chips = decode.tensor > 1 ? decode.tensor : 0;
    out.prefill = data_parallel(least, model);
    if (!many) {
      const std::int64_t worker = sglang ? std::max<std::int64_t>(4, least) : kServer;
      out.decode = tensor_parallel(worker, model, !sglang);
      out.decode_workers = chips > 0 ? std::max<std::int64_t>(1, (chips - least) / worker) : 4;
      out.prefill_workers = chips > 0 ? std::max<std::int64_t>(1, (chips - out.decode_workers * worker) / least) : 1;
    } else {
      const std::int64_t worker = chips > 0 ? std::min<std::int64_t>(32, power_below(chips - least)) : 32;
      out.decode = data_parallel(worker, model);
      out.decode_workers = 1;
      out.prefill_workers = chips > 0 ? std::max<std::int64_t>(1, (chips - worker) / least) : 0;
      out.shares_open = chips > 0 && !sglang;
    }
    return out;
  }
  out.prefill = layout_of(prefill, model);
  // Where the number of workers is not said, expert ranks of both kinds are listed alike, those of the prompts' too.
  if (decode.workers > 0 || model.experts.count == 0) {
    out.decode = layout_of(decode, model);
    return out;
  }
  const std::int64_t chips = std::max<std::int64_t>(1, decode.tensor) * std::max<std::int64_t>(1, decode.data);
  if (decode.data > 1 || many || (chips > kServer && domain >= chips)) {
    out.decode = data_parallel(chips, model);
    const std::int64_t each = chips * (row.input + row.output > kLongContext ? kLongBatch : kShortBatch);
    out.decode_workers = (concurrency + each - 1) / each;
    const bool server = domain <= kServer && chips <= kServer;
    if (server && !sglang && !narrow && row.input <= kShortPrompt && concurrency < kVeryMany)
      out.decode_workers = chip_bytes < 160e9 ? 7 : 5;
    return out;
  }
  out.decode = tensor_parallel(chips, model, decode.expert > 1);
  if (chips > domain)
    out.decode_workers = 3;
  else if (domain > kServer)
    out.decode_workers = 4;
  else if (narrow)
    out.decode_workers = 5;
  else
    out.decode_workers = sglang ? 2 : chip_bytes < 160e9 ? (row.input < kLongPrompt ? 9 : 6) : 4;
  out.decode_workers = std::min(out.decode_workers, std::max<std::int64_t>(1, concurrency));
  if (out.prefill_workers == 0) {
    out.prefill_workers = 1;
    out.shares_open = true;
  }
  return out;
}

}  // namespace alight
