#include "workloads/zoo.hpp"

namespace alight {

namespace {

// Far above any model, and small enough that products of five of them stay finite.
constexpr Range kCount{.min = 0, .max = 1e9};
constexpr Range kSome{.min = 1, .max = 1e9};
constexpr Range kAmount{.min = 0, .max = 1e18};

const std::vector<std::string>& entry_kinds() {
  static const std::vector<std::string> kinds = {"transformer", "generic"};
  return kinds;
}

std::int64_t key_value_heads(const ModelEntry& m) {
  return m.kv_heads.value_or(m.heads.value_or(0));
}

void missing(const std::string& path, const char* key, const char* what, Diagnostics& d) {
  d.error_at(join_key(path, key), std::string("is missing; ") + what);
}

void check_transformer(const ModelEntry& m, const std::string& path, Diagnostics& d) {
  const bool complete = m.layers && m.hidden && m.heads && m.vocab;
  if (!m.layers) missing(path, "layers", "a transformer needs its number of layers", d);
  if (!m.hidden) missing(path, "hidden", "a transformer needs its hidden width", d);
  if (!m.heads) missing(path, "heads", "a transformer needs its number of query heads", d);
  if (!m.vocab) missing(path, "vocab", "a transformer needs the size of its vocabulary", d);
  if (!m.experts && !m.ffn) missing(path, "ffn", "the inner width of the feed-forward part, or `experts`", d);
  if (!complete) return;
  if (!m.head_dim && *m.hidden % *m.heads != 0)
    missing(path, "head_dim", "`hidden` is no multiple of `heads`, so the width of a head must be given", d);
  if (*m.heads % key_value_heads(m) != 0)
    d.error_at(join_key(path, "kv_heads"), "does not divide `heads` (" + std::to_string(*m.heads) + ")");
  if (m.full_every > 0 && m.sliding_window == 0)
    d.error_at(join_key(path, "full_every"), "means something only where `sliding_window` is set");
  const std::int64_t others = m.other ? m.other->layers : 0;
  if (others > *m.layers)
    d.error_at(join_key(path, "other_mixers"), "has more layers than the model (" + std::to_string(*m.layers) + ")");
  if (m.attention_layers.value_or(0) + others > *m.layers)
    d.error_at(join_key(path, "attention_layers"),
               "with other_mixers.layers is more than `layers` (" + std::to_string(*m.layers) + ")");
  if (m.ffn_layers.value_or(0) > *m.layers)
    d.error_at(join_key(path, "ffn_layers"), "is more than `layers` (" + std::to_string(*m.layers) + ")");
  if (m.latent && m.latent->rope_dim > m.architecture().head_dim)
    d.error_at(join_key(join_key(path, "latent"), "rope_dim"), "is more than `head_dim`, which it is a part of");
  if (!m.experts) return;
  const std::string experts = join_key(path, "experts");
  if (m.experts->dense_layers > m.ffn_layers.value_or(*m.layers))
    d.error_at(join_key(experts, "dense_layers"), "is more than the model's layers");
  else if (m.experts->dense_layers > 0 && !m.ffn)
    missing(path, "ffn", "layers without experts have a feed-forward part", d);
}

void check_generic(const ModelEntry& m, const std::string& path, Diagnostics& d) {
  if (!m.tflop_per_sample) missing(path, "flops", "a generic model needs the FLOPs of a sample", d);
  if (!m.parameters) missing(path, "parameters", "a generic model needs its number of parameters", d);
  if (m.parameters && m.dense_parameters.value_or(0) > *m.parameters)
    d.error_at(join_key(path, "dense_parameters"), "is more than `parameters`");
  if (m.layers || m.hidden || m.heads || m.experts)
    d.error_at(path, "is generic and has no layers, heads or experts", "leave out `kind: generic`");
}

void check_model(const ModelEntry& m, const std::string& path, Diagnostics& d) {
  if (m.generic()) return check_generic(m, path, d);
  if (m.tflop_per_sample || m.gb_per_sample || m.dense_parameters)
    return d.error_at(path, "has figures per sample, which a transformer's shape gives", "say `kind: generic`");
  check_transformer(m, path, d);
}

}  // namespace

const Description& LatentAttentionSpec::description() {
  using S = LatentAttention;
  static const auto d =
      describe<S>("latent", "Low-rank (multi-head latent) attention.")
          .integer("kv_rank", &S::kv_rank, "Width of the compressed keys and values.", kSome)
          .integer("q_rank", &S::q_rank, "Width of the compressed queries; 0: they are not compressed.", kCount)
          .integer("rope_dim", &S::rope_dim, "The part of head_dim that carries the position.", kCount)
          .integer("value_dim", &S::value_dim, "Width of a head's value; 0: head_dim less rope_dim.", kCount)
          .check([](const S& l, const std::string& path, Diagnostics& out) {
            if (l.kv_rank < 1) missing(path, "kv_rank", "the width of the compressed keys and values", out);
          })
          .done();
  return d;
}

const Description& ExpertsSpec::description() {
  using S = Experts;
  static const auto d =
      describe<S>("experts", "A mixture of experts in the place of the feed-forward part.")
          .integer("count", &S::count, "Routed experts of a layer.", kSome)
          .integer("active", &S::active, "Of them, how many a token passes through.", kSome)
          .integer("shared", &S::shared, "Experts every token passes through.", kCount)
          .integer("ffn", &S::ffn, "Inner width of one routed expert.", kSome)
          .integer("shared_ffn", &S::shared_ffn, "Inner width of one shared expert; 0: that of a routed one.", kCount)
          .integer("input", &S::input,
                   "Width routed experts work in, reached by a projection down and left by one up; 0: the hidden one.",
                   kCount)
          .integer("dense_layers", &S::dense_layers, "Layers that keep a dense feed-forward part of width `ffn`.",
                   kCount)
          .flag("interleaved", &S::interleaved, "Dense and expert layers alternate; false: the dense ones come first.")
          .check([](const S& e, const std::string& path, Diagnostics& out) {
            if (e.count < 1) missing(path, "count", "the number of routed experts", out);
            if (e.active < 1) missing(path, "active", "the number of experts a token passes through", out);
            if (e.ffn < 1) missing(path, "ffn", "the inner width of one expert", out);
            if (e.active > e.count && e.count > 0)
              out.error_at(join_key(path, "active"), "is more than there are (" + std::to_string(e.count) + ")");
          })
          .done();
  return d;
}

const Description& OtherMixersSpec::description() {
  using S = OtherMixers;
  static const auto d =
      describe<S>("other_mixers", "Layers whose mixer is not attention: linear attention, state space.")
          .integer("layers", &S::layers, "How many.", kCount)
          .number("parameters", &S::parameters, "Matrix parameters of one.", kAmount)
          .number("state", &S::state, "Multiply-adds of one on its state, per token forward.", kAmount)
          .done();
  return d;
}

const Description& ModelEntry::description() {
  using S = ModelEntry;
  static const auto d = [] {
    auto entry = begin_entry<S>("model", "A model to train or to serve: a transformer, or figures per sample.");
    entry
        .choice(
            "kind", &S::kind, [] { return entry_kinds(); },
            "transformer: its shape is given. generic: parameters, FLOPs and bytes of a sample are.")
        .text("vendor", &S::vendor, "Who made it.")
        .integer("year", &S::year, "Year it came.", {.min = 1970, .max = 2100})
        .integer("max_context", &S::max_context, "Tokens of context it is made for.", kSome)
        .number("parameters", &S::parameters,
                "All parameters as published; of a transformer to compare the computed count with.", kAmount)
        .number("active_parameters", &S::active_parameters, "The same, of what one token passes through.", kAmount)
        .integer("layers", &S::layers, "Transformer layers.", kSome)
        .integer("hidden", &S::hidden, "Width of the hidden state.", kSome)
        .integer("ffn", &S::ffn, "Inner width of the dense feed-forward part.", kSome)
        .integer("heads", &S::heads, "Query heads.", kSome)
        .integer("kv_heads", &S::kv_heads, "Heads of keys and values. Default: as many as query heads.", kSome)
        .integer("head_dim", &S::head_dim, "Width of one head. Default: hidden / heads.", kSome)
        .integer("vocab", &S::vocab, "Rows of the embedding table.", kSome)
        .flag("gated", &S::gated, "Gate, up and down projections (SwiGLU); false: up and down.")
        .flag("tied", &S::tied, "The output projection is the embedding table.")
        .flag("causal", &S::causal, "A token sees those before it only.")
        .flag("biases", &S::biased, "Projections and norms have bias vectors.")
        .integer("learned_positions", &S::learned_positions, "Rows of a learned position table; 0: none.", kCount)
        .object("latent", &S::latent, "Low-rank (multi-head latent) attention.")
        .object("experts", &S::experts, "A mixture of experts in the place of the feed-forward part.")
        .integer("sliding_window", &S::sliding_window, "Tokens a sliding layer sees; 0: no layer slides.", kCount)
        .integer("full_every", &S::full_every, "Every n-th layer sees everything; 0: all slide.", kCount)
        .flag("chunked", &S::chunked, "The window is a fixed chunk of the sequence instead of sliding.")
        .integer("mtp_layers", &S::mtp_layers,
                 "Multi-token-prediction blocks trained beside the model; they count as parameters and FLOPs.",
                 {.min = 0, .max = 1000})
        .flag("hybrid", &S::hybrid, "Some layers are not plain attention: FLOPs and memory are approximate.")
        .integer("attention_layers", &S::attention_layers,
                 "Layers with attention. Default: those without another mixer.", kSome)
        .integer("ffn_layers", &S::ffn_layers, "Layers with a feed-forward part or experts. Default: all.", kSome)
        .object("other_mixers", &S::other, "Layers whose mixer is not attention.")
        .number("attention_parameters", &S::attention_parameters,
                "Matrix parameters of one layer's attention, where heads and ranks do not give them.", kAmount)
        .text("sample", &S::sample, "Generic: what one sample is (image, click, sequence of 512 tokens).")
        .quantity("flops", &S::tflop_per_sample, "TFLOP", "Generic: to train on one sample, forward and backward.",
                  {.min = 0, .max = 1e18})
        .quantity("bytes", &S::gb_per_sample, "GB",
                  "Generic: read and written in the chip's memory for one sample, apart from weights.",
                  {.min = 0, .max = 1e18})
        .number("dense_parameters", &S::dense_parameters,
                "Generic: parameters that data parallelism reduces, tables of embeddings left out. Default: all.",
                kAmount)
        .check(check_model);
    return end_entry(entry);
  }();
  return d;
}

void ModelEntry::forget_own() {
  if (generic()) return;
  parameters.reset();
  active_parameters.reset();
}

Architecture ModelEntry::architecture() const {
  Architecture a;
  a.name = name;
  a.layers = layers.value_or(0);
  a.hidden = hidden.value_or(0);
  a.ffn = ffn.value_or(0);
  a.heads = heads.value_or(0);
  a.kv_heads = key_value_heads(*this);
  a.head_dim = head_dim ? *head_dim : a.heads > 0 ? a.hidden / a.heads : 0;
  a.vocab = vocab.value_or(0);
  a.gated = gated;
  a.tied = tied;
  a.causal = causal;
  a.biased = biased;
  a.learned_positions = learned_positions;
  if (latent) a.latent = *latent;
  if (experts) a.experts = *experts;
  a.sliding_window = sliding_window;
  a.full_every = full_every;
  a.chunked = chunked;
  a.mtp_layers = mtp_layers;
  a.hybrid = hybrid;
  a.attention_layers = attention_layers.value_or(0);
  a.ffn_layers = ffn_layers.value_or(0);
  if (other) a.other = *other;
  a.attention_matrices = attention_parameters.value_or(0);
  return a;
}

GenericModel ModelEntry::generic_model() const {
  GenericModel g;
  g.name = name;
  if (!sample.empty()) g.sample = sample;
  g.parameters = parameters.value_or(0);
  g.dense_parameters = dense_parameters.value_or(g.parameters);
  g.flops_per_sample = tflop_per_sample.value_or(0) * 1e12;
  g.bytes_per_sample = gb_per_sample.value_or(0) * 1e9;
  return g;
}

}  // namespace alight
