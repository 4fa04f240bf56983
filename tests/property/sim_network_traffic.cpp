// What links carry in the exact mode is what they carry in the fluid one: how jobs are in each other's way changes when
// bytes go, not how many.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/in_child.hpp"
#include "tests/support/random_network.hpp"

using namespace alight;
using namespace alight::test;

namespace {

/// Adds up what it hears of links.
class Meter : public Recorder {
 public:
  void links_there(const std::vector<SharedLink>& links) override {
    links_ = links;
    now_.resize(links.size(), LinkState{});
    bytes_.resize(links.size());
  }
  void link_changed(const LinkState& state) override {
    LinkState& before = now_.at(state.link);
    if (state.time_s < latest_) throw std::runtime_error("a link is told of after a later one");
    latest_ = state.time_s;
    if (state.bytes_per_s > links_[state.link].gbps * 1e9 / 8 * (1 + 1e-6))
      throw std::runtime_error(
          links_[state.link].name + " carries more than it can: " + fmt::format("{}", state.bytes_per_s) + " of " +
          fmt::format("{}", links_[state.link].gbps * 1e9 / 8) + " from " + fmt::format("{}", state.time_s));
    if (state.saturated < 0 || state.saturated > 1) throw std::runtime_error("saturated is no share");
    bytes_[state.link] += before.bytes_per_s * (state.time_s - before.time_s);
    before = state;
  }
  /// Links still carrying something are an error: all jobs have ended.
  std::vector<double> take() const {
    for (const LinkState& state : now_)
      if (state.bytes_per_s > 0) throw std::runtime_error("a link carries something when all is over");
    return bytes_;
  }

 private:
  std::vector<SharedLink> links_;
  std::vector<LinkState> now_;
  std::vector<double> bytes_;
  double latest_ = 0;
};

/// Bytes of each link; nothing for a site without such.
std::vector<double> carried(const Site& site, const std::vector<Row>& rows, Sharing sharing) {
  const Workload w = workload(rows);
  return in_child([&] {
    Meter meter;
    Run run(site, w, {.seed = 1, .sharing = sharing}, same_name, {&meter}, small_ground(site));
    const std::atomic<bool> interrupt{false};
    const RunEnd end = run.play(interrupt);
    if (!end.violation.empty()) throw std::runtime_error(end.violation);
    return meter.take();
  });
}

bool agree(const std::vector<double>& exact, const std::vector<double>& fluid) {
  if (exact.size() != fluid.size()) return false;
  double most = 0;
  for (const double bytes : fluid) most = std::max(most, bytes);
  for (std::size_t l = 0; l < exact.size(); ++l)
    if (std::abs(exact[l] - fluid[l]) > 1e-7 * fluid[l] + 1e-9 * most) return false;
  return true;
}

}  // namespace

TEST_CASE("bytes of every link are those of the fluid mode: jobs alone, and all at once") {
  int with_traffic = 0;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Site site = random_network(dice);
    // All begin at once and fit, so that they hold the same servers in both modes.
    std::vector<Row> rows;
    std::int64_t left = site.chips;
    for (std::int64_t j = dice(1, 4); j > 0 && left > 1; --j) {
      const std::int64_t chips = dice(1, left / 2) * 2;
      Row row{.id = "j" + std::to_string(j), .chips = chips};
      row.model = "small";
      row.training = dice.one_in(2) ? "plan gb96 seq512" : "plan gb32 seq1024";
      row.tokens = static_cast<double>(dice(20, 60) * chips) * 2e4 * 1.37;  // a last part of a step
      rows.push_back(row);
      left -= chips;
    }
    const std::vector<double> fluid = carried(site, rows, Sharing::fluid);
    with_traffic += std::any_of(fluid.begin(), fluid.end(), [](double bytes) { return bytes > 0; });
    CHECK(agree(carried(site, rows, Sharing::exact), fluid));
    for (const Row& row : rows)
      CHECK(agree(carried(site, {row}, Sharing::exact), carried(site, {row}, Sharing::fluid)));
  }
  CHECK(with_traffic >= 8);
}
