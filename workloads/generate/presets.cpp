#include "workloads/generate/presets.hpp"

#include <algorithm>
#include <stdexcept>

namespace alight {
namespace {

constexpr double kDay = 86400;

// Jobs, run times, sizes, shares: cluster_summary.csv of InternLM/AcmeTrace (CC-BY-4.0; Hu et al., NSDI'24) for philly,
// helios, seren and kalos; helios_cluster_summary.csv of HeliosArtifact (MIT; Hu et al., SC'21) for the four Helios
// clusters. GPUs: helios_cluster_summary.csv; 2,490 in Philly (Jeon et al., ATC'19), 2,288 in Seren and 2,416 in Kalos
// (NSDI'24). Days: Philly 75 (ATC'19), Helios 2020-04-01 to 2020-09-28, Acme March to August 2023.
// Longest run and largest job of the four Helios clusters are not published apart: Helios' time limit, and the largest
// power of two that fits.
const std::vector<ClusterStatistics> kPublished = {
    {"philly",
     112956,
     75,
     2490,
     18006.055,
     874,
     4240676,
     1.928,
     128,
     {0.604, 0.090, 0.305},
     {2210176414, 2025326056, 2659215061}},
    {"helios",
     1580464,
     181,
     6218,
     6651.681,
     206,
     4320009,
     3.716,
     2048,
     {0.624, 0.221, 0.155},
     {39994296320, 30715109125, 7288334702}},
    {"venus",
     125303,
     181,
     1022,
     13040.598,
     204,
     4320009,
     6.736,
     512,
     {0.526, 0.272, 0.202},
     {6373315670, 4920266598, 1052030340}},
    {"earth",
     427148,
     181,
     997,
     5130.609,
     234,
     4320009,
     2.101,
     512,
     {0.735, 0.136, 0.129},
     {5713038873, 4793853520, 932310362}},
    {"saturn",
     698896,
     181,
     2080,
     5252.927,
     124,
     4320009,
     4.010,
     2048,
     {0.582, 0.272, 0.145},
     {14375709962, 10733792235, 2542859066}},
    {"uranus",
     329117,
     181,
     2119,
     9163.725,
     280,
     4320009,
     4.038,
     2048,
     {0.607, 0.201, 0.192},
     {13532231815, 10267196772, 2761134934}},
    {"seren",
     663813,
     184,
     2288,
     1414.335,
     122,
     1209604,
     5.680,
     1024,
     {0.497, 0.075, 0.429},
     {4560592618, 14274584510, 2675447459}},
    {"kalos",
     19907,
     184,
     2416,
     1259.689,
     124,
     625740,
     26.770,
     1024,
     {0.541, 0.062, 0.397},
     {1667685146, 3239202064, 426292851}},
};

// What fit() finds for each of the above, in their order; a test runs it again.
const std::vector<FittedShape> kFitted = {
    {{0.137924, 1.051162, 0.660059}, 737.953, 0.0580627, 0.524931, 1},            // philly
    {{-1.193815, -0.998222, -1.290123}, 193.003, 0.0227111, 0.273124, 1.21211},   // helios
    {{-0.786170, -0.668178, -1.094097}, 175.814, 0.0594389, 0.041361, 1.99493},   // venus
    {{-1.788230, -1.260328, -1.824778}, 223.935, 0.0117814, 0.731221, 0.65869},   // earth
    {{-1.130612, -1.011569, -1.232194}, 117.498, 0.0192416, 0.231254, 1.29321},   // saturn
    {{-1.142295, -0.946804, -1.269107}, 255.446, 0.0314094, 0.291482, 1.27333},   // uranus
    {{-1.105250, -0.460926, -1.204502}, 121.033, 0.00208007, 0.504600, 1.3413},   // seren
    {{-0.505476, 0.107538, -0.693816}, 123.189, 0.000121577, 0.976343, 3.35695},  // kalos
};

// Shape of the two components: expectation-maximisation on the run times of the reduced Philly trace
// (docs/generators.md).
constexpr double kShortSigma = 1.94;
constexpr double kLongMedian = 98500;
constexpr double kLongSigma = 1.23;

// Jobs of the reduced Philly trace (philly.csv of petuum/adaptdl, branch osdi21-artifact; CC-BY-4.0) by hour of the
// day, by day of the week and by virtual cluster; hours and days from the ten whole weeks 2017-10-02 to 2017-12-10.
const std::vector<double> kPhillyHours = {4001, 3036, 3613, 3584, 2084, 3571, 5471, 6757, 3581, 3096, 2808, 2414,
                                          1982, 2050, 1578, 1767, 2854, 2097, 2486, 2209, 3326, 2837, 3713, 3259};
const std::vector<double> kPhillyDays = {9047, 10835, 11991, 14172, 15533, 6831, 5765};
const std::map<std::string, double> kPhillyClusters = {
    {"6214e9", 41226}, {"11cb48", 16091}, {"6c71a0", 9953}, {"b436b2", 7423}, {"103959", 1934},
    {"ee9e8c", 1511},  {"0e4a51", 1435},  {"ed69ec", 1137}, {"7f04ca", 723},  {"2869ce", 422},
    {"e13805", 374},   {"23dbec", 8},     {"51b7ef", 4},    {"925e2b", 3},    {"795a4c", 3}};
// Coefficient of variation of the gaps of these ten weeks once the shape above is taken out.
constexpr double kPhillyCv = 2.34;

// Increases of the number of GPU jobs present, minute by minute in May 2020, of two virtual clusters of Earth
// (cluster_sequence_vc.csv of HeliosArtifact, MIT): 2,115 jobs in 1,704 minutes, by hour and, per such day, by weekday.
const std::vector<double> kHeliosHours = {89,  124, 29, 38,  18,  12,  14,  16,  9,   20,  70,  87,
                                          100, 82,  71, 104, 283, 143, 144, 131, 154, 137, 136, 104};
const std::vector<double> kHeliosDays = {81, 72, 61, 78, 100, 47, 43};
// Not published: about the number of virtual clusters of Earth (Earth_gpu_number.csv of HeliosArtifact names 25).
constexpr std::int64_t kVirtualClusters = 25;
constexpr double kHeliosBatch = 2115.0 / 1704;

ArrivalSpec arrivals_of(std::string_view cluster) {
  ArrivalSpec a;
  if (cluster == "philly") {
    a.process = ArrivalSpec::Process::gamma;
    a.cv = kPhillyCv;
    a.hours = kPhillyHours;
    a.days = kPhillyDays;
  } else {
    // Nothing is published of Acme's arrivals: the working rhythm of the other site of the same country stands in.
    a.process = ArrivalSpec::Process::batches;
    a.batch = kHeliosBatch;
    a.hours = kHeliosHours;
    a.days = kHeliosDays;
  }
  return a;
}

/// Synthetic input as batch scheduling studies use it: Poisson arrivals at a given load, sizes to 256 of which three in
/// four are powers of two, lognormal run times, estimates several times too long in whole minutes.
GeneratorSpec classic() {
  constexpr std::int64_t kLargest = 256;
  constexpr double kPowersOfTwo = 0.75;
  constexpr double kPowers = 9;  // 1 to 256
  GeneratorSpec spec;
  spec.jobs = 10000;
  spec.load = 0.9;
  SizeSpec sizes;
  for (std::int64_t chips = 1; chips <= kLargest; ++chips) {
    const bool power = (chips & (chips - 1)) == 0;
    sizes.weights[std::to_string(chips)] =
        (1 - kPowersOfTwo) / static_cast<double>(kLargest) + (power ? kPowersOfTwo / kPowers : 0);
  }
  spec.sizes = sizes;
  DurationSpec durations;
  durations.minimum_s = 10;
  durations.cap_s = kDay;
  DurationComponent component;
  component.median_s = 600;
  component.sigma = 1.5;
  durations.components = {component};
  spec.durations = durations;
  EstimateSpec estimates;
  estimates.factor_min = 1.2;
  estimates.factor_max = 5;
  estimates.round_up_s = 60;
  spec.estimates = estimates;
  // Fine and exact in binary: two events hardly ever share an instant, and sums of times do not round.
  spec.resolution_s = 1.0 / 1024;
  return spec;
}

const ClusterStatistics& published(std::string_view cluster) {
  const auto found =
      std::find_if(kPublished.begin(), kPublished.end(), [&](const auto& c) { return c.name == cluster; });
  if (found == kPublished.end()) throw std::logic_error("preset: no cluster called " + std::string(cluster));
  return *found;
}

}  // namespace

GeneratorSpec shaped(const ClusterStatistics& c, const FittedShape& shape) {
  GeneratorSpec spec;
  spec.statuses = {{"completed", c.job_share[0]}, {"cancelled", c.job_share[1]}, {"failed", c.job_share[2]}};
  SizeSpec sizes;
  if (c.name == "philly") {
    sizes.weights = {{"1", 76627}, {"2", 1818}, {"4", 1870}, {"8", 1643}, {"12", 7},
                     {"16", 199},  {"24", 7},   {"32", 67},  {"64", 6},   {"128", 3}};
  } else {
    sizes.weights["1"] = shape.one_chip_weight;
    for (std::int64_t chips = 2; chips <= c.max_chips; chips *= 2) sizes.weights[std::to_string(chips)] = 1;
  }
  sizes.tilt = {{"completed", shape.tilt[0]}, {"cancelled", shape.tilt[1]}, {"failed", shape.tilt[2]}};
  spec.sizes = sizes;
  DurationSpec durations;
  durations.cap_s = c.max_duration_s;
  DurationComponent brief, lasting;
  brief.median_s = shape.short_median_s;
  brief.sigma = kShortSigma;
  lasting.weight = shape.long_weight;
  lasting.weight_growth = shape.long_growth;
  lasting.median_s = kLongMedian;
  lasting.sigma = kLongSigma;
  durations.components = {brief, lasting};
  spec.durations = durations;
  return spec;
}

bool has_size_table(std::string_view cluster) {
  return cluster == "philly";
}

const std::vector<ClusterStatistics>& published_clusters() {
  return kPublished;
}

const FittedShape& fitted_shape(std::string_view cluster) {
  return kFitted.at(static_cast<std::size_t>(&published(cluster) - kPublished.data()));
}

const std::vector<std::string>& preset_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const auto& cluster : kPublished) out.emplace_back(cluster.name);
    out.emplace_back("classic");
    return out;
  }();
  return names;
}

GeneratorSpec preset(std::string_view name) {
  if (name == "classic") return classic();
  const ClusterStatistics& cluster = published(name);
  GeneratorSpec spec = shaped(cluster, fitted_shape(name));
  spec.jobs = cluster.jobs;
  spec.horizon_s = cluster.days * kDay;
  spec.arrivals = arrivals_of(name);
  PopulationSpec vcs;
  if (name == "philly")
    vcs.weights = kPhillyClusters;
  else
    vcs.count = kVirtualClusters;
  spec.vcs = vcs;
  return spec;
}

}  // namespace alight
