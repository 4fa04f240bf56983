#include "models/inference/closed_loop.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <queue>
#include <vector>

namespace alight {

namespace {

constexpr std::int64_t kMany = 16;
constexpr double kNever = std::numeric_limits<double>::infinity();

struct Request {
  double sent = 0, first = 0;
  double input = 0, output = 0;
  double done = 0;  ///< prompt tokens computed, or found in the cache
  bool held = false;
};

// A sequence that decodes: its last token comes with the step of that number of its worker.
struct Decoding {
  double last_step = 0;
  std::size_t request = 0;
  bool operator>(const Decoding& other) const {
    return last_step != other.last_step ? last_step > other.last_step : request > other.request;
  }
};

// One replica at work: a queue of prompts, sequences that decode, and the stretch of iterations under way.
struct Worker {
  const ReplicaModel* model = nullptr;
  bool prompts = false, decodes = false;
  std::int64_t slots = 0;
  std::int64_t prompt_batch = 0;
  std::deque<std::size_t> waiting;
  std::deque<std::size_t> arrived;        ///< prompts computed elsewhere
  std::vector<std::size_t> in_iteration;  ///< prompts of the iteration under way
  std::priority_queue<Decoding, std::vector<Decoding>, std::greater<>> decoding;
  double waited_since = 0;  ///< step at which the queue of prompts began
  double step = 0;          ///< decode iterations done
  double context = 0;       ///< tokens the decoding sequences hold
  double reserved = 0;      ///< tokens of the cache promised
  std::int64_t held = 0;    ///< sequences with a slot
  // Under way:
  double start = 0, end = kNever;
  double iterations = 0;  ///< of pure decode; 0: an iteration with prompts
  bool with_decodes = false;
  IterationTime time;
  std::vector<std::optional<IterationTime>> known;  ///< of decode alone, by the size of the batch
  // Statistics of decode iterations.
  double steps = 0, batch_steps = 0, context_steps = 0;

  double kept() const { return model->tokens_per_iteration(); }
  double batch() const { return static_cast<double>(decoding.size()); }
  // Seconds of n pure decode iterations from the context held now: each adds a token, or what is kept, a sequence.
  double stretch(double n) const {
    const double growth = time.per_token_s * kept() * batch();
    const double now = time.base_s + time.per_token_s * context;
    if (now >= time.floor_s) return n * (time.rest_s + now) + growth * n * (n - 1) / 2;
    const double below = growth > 0 ? std::min(n, std::ceil((time.floor_s - now) / growth)) : n;
    const double above = n - below;
    return n * time.rest_s + below * time.floor_s + above * (now + growth * below) + growth * above * (above - 1) / 2;
  }
};

class Play {
 public:
  Play(const ClosedLoop& loop, const SplitPools* pools) : loop_(loop), pools_(pools) {}
  std::vector<Worker> workers;

  LoopResult run() {
    for (std::int64_t i = 0; i < std::min(loop_.concurrency, loop_.requests); ++i) send(0);
    while (answered_ < loop_.requests) {
      Worker* next = nullptr;
      for (Worker& w : workers)
        if (w.end < kNever && (!next || w.end < next->end)) next = &w;
      const double arrival = arrivals_.empty() ? kNever : arrivals_.top().first;
      if (!next && arrival == kNever) break;
      if (!next || arrival <= next->end)
        arrive();
      else
        finish(*next);
    }
    return result();
  }

 private:
  using Arrival = std::pair<double, std::size_t>;

  void send(double now) {
    const auto i = static_cast<double>(requests_.size());
    if (requests_.size() >= static_cast<std::size_t>(loop_.requests)) return;
    const auto length = [&](double longest, double step) {
      const double u = (i + 0.5) * step - std::floor((i + 0.5) * step);
      return std::max(1.0, std::round(longest * (loop_.shortest + (1 - loop_.shortest) * u)));
    };
    Request r;
    r.sent = now;
    r.input = length(loop_.input, 0.6180339887498949);    // 1 / golden ratio
    r.output = length(loop_.output, 0.4142135623730951);  // sqrt(2) - 1
    r.done = std::min(r.input - 1, std::floor(r.input * loop_.cached));
    // As if it had been under way for a while.
    if (loop_.settled && requests_.size() < static_cast<std::size_t>(loop_.concurrency))
      r.output = std::max(1.0, std::round(r.output * (i + 0.5) / static_cast<double>(loop_.concurrency)));
    requests_.push_back(r);
    const EngineProfile& engine = workers.front().model->engine();
    intake_ = std::max(intake_, now) + engine.intake_s;
    arrivals_.emplace(intake_ + engine.request_s + engine.prompt_token_s * r.input, requests_.size() - 1);
  }

  void arrive() {
    const auto [now, id] = arrivals_.top();
    arrivals_.pop();
    const bool computed = requests_[id].done >= requests_[id].input;
    Worker* best = nullptr;
    const auto load = [&](const Worker& w) {
      return computed ? static_cast<double>(w.decoding.size() + w.arrived.size())
                      : static_cast<double>(w.waiting.size() + w.in_iteration.size());
    };
    for (Worker& w : workers)
      if ((computed ? w.decodes : w.prompts) && (!best || load(w) < load(*best))) best = &w;
    if (best->waiting.empty()) best->waited_since = best->step;
    (computed ? best->arrived : best->waiting).push_back(id);
    if (best->end == kNever)
      start(*best, now);
    else
      cut(*best, now);
  }

  // A stretch of decode ends with the iteration under way, or with the one after which the engine looks for requests.
  void cut(Worker& w, double now) {
    if (w.iterations <= 1) return;
    const EngineProfile& engine = w.model->engine();
    const double poll = std::max(1.0, loop_.concurrency >= kMany ? engine.poll_many : engine.poll);
    double low = 1, high = w.iterations;
    while (low < high) {
      const double middle = std::floor((low + high) / 2);
      if (w.start + w.stretch(middle) >= now)
        high = middle;
      else
        low = middle + 1;
    }
    low = std::min(w.iterations, low + std::fmod(poll - std::fmod(w.step + low, poll), poll));
    w.iterations = low;
    w.end = w.start + w.stretch(low);
  }

  // Prompts wait for each other, so that all data ranks compute some at once.
  bool gathering(const Worker& w) const {
    const EngineProfile& engine = w.model->engine();
    return engine.gather > 0 && !w.decoding.empty() && !w.waiting.empty() &&
           w.waiting.size() < static_cast<std::size_t>(w.model->layout().data) &&
           w.step - w.waited_since < engine.gather;
  }

  static double kept_of(const Worker& w, const Request& r) { return r.input + w.model->engine().reserve * r.output; }

  bool fits(const Worker& w, const Request& r) const {
    if (!w.decodes) return true;
    return w.held < w.slots && (w.held == 0 || w.reserved + kept_of(w, r) <= static_cast<double>(w.model->kv_tokens()));
  }

  void hold(Worker& w, Request& r) {
    r.held = true;
    ++w.held;
    w.reserved += kept_of(w, r);
  }

  void start(Worker& w, double now) {
    w.start = now;
    w.iterations = 0;
    w.with_decodes = false;
    while (!w.arrived.empty() && fits(w, requests_[w.arrived.front()])) {
      const std::size_t id = w.arrived.front();
      w.arrived.pop_front();
      hold(w, requests_[id]);
      begin_decode(w, id, now);
    }
    const double data = static_cast<double>(w.model->layout().data);
    const bool mixed = w.model->engine().batching == Batching::mixed;
    IterationWork work;
    double room = w.model->engine().batched_tokens * data - (mixed ? w.batch() : 0);
    std::int64_t taken = 0;
    const bool gathers = gathering(w);
    while (!gathers && !w.waiting.empty() && room >= 1 &&
           (w.prompt_batch == 0 || taken < w.prompt_batch * static_cast<std::int64_t>(data))) {
      const std::size_t id = w.waiting.front();
      Request& r = requests_[id];
      if (!r.held) {
        if (!fits(w, r)) break;
        hold(w, r);
      }
      const double tokens = std::min(room, r.input - r.done);
      work.prefill_tokens += tokens;
      work.prefill_sequences += 1;
      work.prefill_pairs += tokens * (r.done + (tokens + 1) / 2);
      r.done += tokens;
      room -= tokens;
      ++taken;
      if (r.done < r.input) break;
      w.in_iteration.push_back(id);
      w.waiting.pop_front();
    }
    if (work.prefill_tokens > 0) {
      // Prompts are whole on a data rank: the rank with most of them sets the pace, up to what an iteration of it
      // holds.
      const double rounds =
          std::max(1.0, std::min(std::ceil(work.prefill_sequences / data) * data / work.prefill_sequences,
                                 w.model->engine().batched_tokens * data / work.prefill_tokens));
      work.prefill_tokens *= rounds;
      work.prefill_pairs *= rounds;
      w.with_decodes = mixed && w.batch() > 0;
      if (w.with_decodes) work.decodes = w.batch();
      w.time = w.model->iteration_time(work);
      w.end = now + w.time.seconds(w.with_decodes ? w.context : 0);
    } else if (!w.decoding.empty()) {
      w.time = decode_time(w);
      w.iterations = std::max(1.0, w.decoding.top().last_step - w.step);
      if (gathers) w.iterations = std::clamp(w.waited_since + w.model->engine().gather - w.step, 1.0, w.iterations);
      w.with_decodes = true;
      w.end = now + w.stretch(w.iterations);
    } else {
      w.end = kNever;
    }
  }

  // Of an iteration of decode alone, which hangs on the size of the batch only.
  static const IterationTime& decode_time(Worker& w) {
    const std::size_t batch = w.decoding.size();
    if (w.known.size() <= batch) w.known.resize(batch + 1);
    std::optional<IterationTime>& known = w.known[batch];
    if (!known) known = w.model->iteration_time({.decodes = w.batch()});
    return *known;
  }

  void finish(Worker& w) {
    const double now = w.end;
    if (w.with_decodes) {
      const double n = std::max(1.0, w.iterations), growth = w.kept() * w.batch();
      w.steps += n;
      w.batch_steps += n * w.batch();
      w.context_steps += n * w.context + growth * n * (n - 1) / 2;
      w.step += n;
      w.context += growth * n;
      while (!w.decoding.empty() && w.decoding.top().last_step <= w.step) {
        const Request& r = requests_[w.decoding.top().request];
        w.context = std::max(0.0, w.context - r.input - r.output);
        release(w, w.decoding.top().request, now);
        w.decoding.pop();
      }
      if (w.decoding.empty()) w.context = 0;
    }
    for (const std::size_t id : w.in_iteration) {
      Request& r = requests_[id];
      r.first = now;
      if (w.decodes) {
        begin_decode(w, id, now);
      } else {
        const double bytes = w.model->kv_bytes_per_token() * r.input;
        const double sending = pools_->handover_bytes_s > 0 ? bytes / pools_->handover_bytes_s : 0;
        arrivals_.emplace(now + pools_->handover_s + sending, id);
      }
    }
    w.in_iteration.clear();
    start(w, now);
  }

  void begin_decode(Worker& w, std::size_t id, double now) {
    const Request& r = requests_[id];
    if (r.output <= 1) {
      release(w, id, now);
      return;
    }
    w.decoding.push({w.step + std::ceil((r.output - 1) / w.kept()), id});
    w.context += r.input + 1;
  }

  void release(Worker& w, std::size_t id, double now) {
    const Request& r = requests_[id];
    --w.held;
    w.reserved -= kept_of(w, r);
    // The first token is seen with the others it is sent with.
    const double together = std::min(w.model->engine().stream, r.output) - 1;
    const double seen = r.output > 1 ? r.first + (now - r.first) * together / (r.output - 1) : r.first;
    if (!loop_.settled || id >= static_cast<std::size_t>(loop_.concurrency)) {
      ttft_ += seen - r.sent;
      if (r.output > 1) tpot_ += (now - seen) / (r.output - 1);
      ++counted_;
    }
    given_ += r.output;
    read_ += r.input;
    ++answered_;
    end_ = now;
    send(now);
  }

  LoopResult result() const {
    LoopResult out;
    const auto n = static_cast<double>(std::max<std::int64_t>(1, counted_));
    out.ttft_s = ttft_ / n;
    out.tpot_s = tpot_ / n;
    out.seconds = end_;
    if (end_ > 0) {
      out.tokens_per_s = given_ / end_;
      out.prompt_tokens_per_s = read_ / end_;
    }
    double steps = 0;
    for (const Worker& w : workers) {
      steps += w.steps;
      out.mean_batch += w.batch_steps;
      out.mean_context += w.context_steps;
    }
    if (steps > 0) {
      out.mean_batch /= steps;
      out.mean_context /= steps;
    }
    return out;
  }

  const ClosedLoop& loop_;
  const SplitPools* pools_;
  std::vector<Request> requests_;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
  double intake_ = 0;  ///< when the front end is free again
  double ttft_ = 0, tpot_ = 0, given_ = 0, read_ = 0, end_ = 0;
  std::int64_t answered_ = 0, counted_ = 0;
};

std::int64_t slots_of(const ClosedLoop& loop, const EngineProfile& engine) {
  const std::int64_t slots = loop.slots > 0 ? loop.slots : std::int64_t{1} << 40;
  return std::max<std::int64_t>(1, slots - engine.lost_slots);
}

}  // namespace

LoopResult run_closed_loop(const ClosedLoop& loop, const ReplicaModel& replica) {
  Play play(loop, nullptr);
  Worker worker;
  worker.model = &replica;
  worker.prompts = worker.decodes = true;
  worker.slots = slots_of(loop, replica.engine());
  play.workers.push_back(std::move(worker));
  return play.run();
}

LoopResult run_closed_loop(const ClosedLoop& loop, const SplitPools& pools) {
  Play play(loop, &pools);
  for (std::int64_t i = 0; i < pools.prefill_workers + pools.decode_workers; ++i) {
    Worker worker;
    worker.prompts = i < pools.prefill_workers;
    worker.decodes = !worker.prompts;
    worker.model = worker.prompts ? pools.prefill : pools.decode;
    worker.prompt_batch = pools.prefill_batch;
    worker.slots = slots_of(loop, worker.model->engine());
    play.workers.push_back(std::move(worker));
  }
  return play.run();
}

}  // namespace alight
