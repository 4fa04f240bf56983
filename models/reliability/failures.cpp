#include "models/reliability/failures.hpp"

#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace alight {

Failures::Failures(Lifetime lifetime, Stream stream) : lifetime_(std::move(lifetime)), stream_(std::move(stream)) {}

Failures::Device Failures::add(std::int64_t count, double now_s, double age_s) {
  const auto first = static_cast<Device>(places_.size());
  if (count <= 0) return first;
  places_.resize(places_.size() + index(count));
  const std::int64_t cohort = cohort_for(age_s, now_s);
  for (std::int64_t i = 0; i < count; ++i) join(first + i, cohort);
  date(cohort, now_s);
  return first;
}

double Failures::next_s() const {
  return due_.empty() ? std::numeric_limits<double>::infinity() : due_.top().time_s;
}

Failures::Device Failures::fail() {
  if (due_.empty()) throw std::logic_error("no device is left that could fail");
  const Due due = due_.top();
  const std::vector<Device>& members = cohorts_[index(due.cohort)].members;
  using Pick = boost::random::uniform_int_distribution<std::int64_t>;
  const Device device = members[index(Pick(0, static_cast<std::int64_t>(members.size()) - 1)(stream_))];
  leave(device, due.time_s);
  return device;
}

void Failures::take_out(Device device, double now_s) {
  if (!out(device)) leave(device, now_s);
}

void Failures::put_back(Device device, double now_s, Repaired repaired) {
  if (!out(device)) return;
  const double age = repaired == Repaired::as_new ? 0 : places_[index(device)].age_s;
  const std::int64_t cohort = cohort_for(age, now_s);
  join(device, cohort);
  date(cohort, now_s);
}

double Failures::age_s(Device device, double now_s) const {
  const Place& place = places_[index(device)];
  return place.cohort < 0 ? place.age_s : now_s - cohorts_[index(place.cohort)].born_s;
}

std::int64_t Failures::cohort_for(double age_s, double now_s) {
  if (lifetime_.ageless() && !cohorts_.empty()) return 0;
  if (free_.empty()) {
    cohorts_.emplace_back();
    free_.push_back(static_cast<std::int64_t>(cohorts_.size()) - 1);
  }
  const std::int64_t cohort = free_.back();
  free_.pop_back();
  cohorts_[index(cohort)].born_s = now_s - age_s;
  return cohort;
}

void Failures::join(Device device, std::int64_t cohort) {
  auto& members = cohorts_[index(cohort)].members;
  places_[index(device)] = {cohort, static_cast<std::int64_t>(members.size()), 0};
  members.push_back(device);
  ++at_risk_;
}

void Failures::leave(Device device, double now_s) {
  Place& place = places_[index(device)];
  const std::int64_t of = place.cohort;
  auto& members = cohorts_[index(of)].members;
  members[index(place.position)] = members.back();
  places_[index(members.back())].position = place.position;
  members.pop_back();
  place = {-1, 0, now_s - cohorts_[index(of)].born_s};
  --at_risk_;
  date(of, now_s);
  if (members.empty() && !lifetime_.ageless()) free_.push_back(of);
}

void Failures::date(std::int64_t cohort, double now_s) {
  Cohort& of = cohorts_[index(cohort)];
  ++of.version;
  if (!of.members.empty()) {
    const double wait = lifetime_.draw_s(stream_, now_s - of.born_s, static_cast<double>(of.members.size()));
    if (std::isfinite(wait)) due_.push({now_s + wait, cohort, of.version});
  }
  drop_void();
}

void Failures::drop_void() {
  while (!due_.empty() && due_.top().version != cohorts_[index(due_.top().cohort)].version) due_.pop();
}

}  // namespace alight
