#include "sim/engine/shared_tasks.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/second_hosts.hpp"

namespace alight {

namespace {

namespace sg = simgrid_compat;
using simgrid::s4u::Exec;
using simgrid::s4u::ExecPtr;
using simgrid::s4u::Host;

}  // namespace

class SharedTasks::Impl {
 public:
  struct Task {
    ExecPtr exec;
    double deadline_s = 0;
    std::size_t own = 0;     ///< the host that stands for what it shares with nobody
    bool signalled = false;  ///< SimGrid has delivered its end
  };
  struct End {
    std::uint64_t id = 0;
    Outcome outcome = Outcome::done;
  };

  Engine& engine;
  std::string name;
  Ended ended;
  Stopping stopping;
  double reached_s = 0;
  std::map<std::uint64_t, Task> open;
  std::set<std::pair<double, std::uint64_t>> deadlines;
  std::map<const Exec*, std::uint64_t> ids;  ///< of open tasks
  std::map<const Exec*, ExecPtr> leaving;    ///< over for us, not yet for SimGrid
  std::vector<const Exec*> gone;             ///< of these, over for SimGrid too
  std::vector<End> ends;                     ///< posted
  std::size_t told = 0;                      ///< of them
  std::vector<Host*> links;                  ///< [link], null before its first use
  std::vector<Host*> owns;
  std::vector<std::size_t> free_owns;

  Impl(Engine& e, const std::string& n, Ended f, Stopping s)
      : engine(e), name("alight." + n), ended(std::move(f)), stopping(std::move(s)) {
    sg::on_completion<Exec>([this](const Exec& exec) { completed(exec); });
  }

  // Nothing may be thrown through SimGrid's signals, and nothing of ours happens in them. A cancelled execution is
  // signalled twice: at once, and as failed when SimGrid is done with it.
  void completed(const Exec& exec) {
    if (const auto found = ids.find(&exec); found != ids.end()) {
      open.at(found->second).signalled = true;
      engine.wake();
    } else if (exec.get_state() != Exec::State::CANCELED) {
      gone.push_back(&exec);
    }
  }

  Host* link(std::uint32_t id) {
    if (id >= links.size()) links.resize(id + 1, nullptr);
    if (!links[id]) links[id] = add_second_host(name + ".link." + std::to_string(id));
    return links[id];
  }
  std::size_t take_own() {
    if (free_owns.empty()) {
      free_owns.push_back(owns.size());
      owns.push_back(add_second_host(name + ".own." + std::to_string(owns.size())));
    }
    const std::size_t own = free_owns.back();
    free_owns.pop_back();
    return own;
  }

  // The execution is kept until SimGrid has delivered its end.
  ExecPtr forget(std::map<std::uint64_t, Task>::iterator at) {
    ExecPtr exec = at->second.exec;
    deadlines.erase({at->second.deadline_s, at->first});
    free_owns.push_back(at->second.own);
    ids.erase(exec.get());
    if (!at->second.signalled) leaving.emplace(exec.get(), exec);
    open.erase(at);
    return exec;
  }
  void drop_gone() {
    for (const Exec* exec : gone) leaving.erase(exec);
    gone.clear();
  }
};

SharedTasks::SharedTasks(Engine& engine, const std::string& name, Ended ended, Stopping stopping)
    : impl_(std::make_unique<Impl>(engine, name, std::move(ended), std::move(stopping))) {
  engine.follow(this);
}
SharedTasks::~SharedTasks() = default;

std::size_t SharedTasks::count() const {
  return impl_->open.size();
}

void SharedTasks::open(std::uint64_t id, const TaskDemand& demand, double deadline_s) {
  Impl& i = *impl_;
  const auto [at, fresh] = i.open.try_emplace(id);
  if (!fresh) throw std::logic_error("SharedTasks: task " + std::to_string(id) + " is open already");
  Impl::Task& task = at->second;
  task.own = i.take_own();
  std::vector<Host*> hosts = {i.owns[task.own]};
  std::vector<double> operations = {demand.alone_s * kOperationsPerS};
  for (const TaskDemand::Load& load : demand.loads) {
    hosts.push_back(i.link(load.link));
    operations.push_back(load.busy_s * kOperationsPerS);
  }
  task.exec = Exec::init();
  task.exec->set_flops_amounts(operations);
  task.exec->set_hosts(hosts);
  task.deadline_s = deadline_s;
  i.ids.emplace(task.exec.get(), id);
  if (deadline_s < std::numeric_limits<double>::infinity()) i.deadlines.insert({deadline_s, id});
  task.exec->start();
}

std::optional<double> SharedTasks::drop(std::uint64_t id) {
  const auto at = impl_->open.find(id);
  if (at == impl_->open.end()) return std::nullopt;
  const double left = at->second.exec->get_remaining_ratio();
  if (left <= 0) return std::nullopt;
  impl_->forget(at)->cancel();
  return left;
}

double SharedTasks::left(std::uint64_t id) const {
  const auto at = impl_->open.find(id);
  return at == impl_->open.end() ? 0 : std::max(0.0, at->second.exec->get_remaining_ratio());
}

// Ends that SimGrid's clock has reached, signalled or not: at the date of a timer it delivers them after the timer.
void SharedTasks::reached(double now_s) {
  Impl& i = *impl_;
  i.drop_gone();
  i.reached_s = now_s;
  if (i.open.empty()) return;
  std::vector<Impl::End> ends;
  for (const auto& [id, task] : i.open)
    if (task.exec->get_remaining_ratio() <= 0) ends.push_back({id, Outcome::done});
  for (auto at = i.deadlines.begin(); at != i.deadlines.end() && at->first <= now_s; ++at)
    if (std::none_of(ends.begin(), ends.end(), [&](const Impl::End& end) { return end.id == at->second; }))
      ends.push_back({at->second, Outcome::expired});
  std::sort(ends.begin(), ends.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  for (const Impl::End& end : ends) {
    const ExecPtr exec = i.forget(i.open.find(end.id));
    if (end.outcome == Outcome::expired) exec->cancel();
    i.ends.push_back(end);
    i.engine.at(now_s, Turn::runtime, Action::to<&SharedTasks::tell>(this, i.ends.size() - 1));
  }
}

void SharedTasks::tell(std::uint64_t which) {
  Impl& i = *impl_;
  const Impl::End end = i.ends[which];
  if (++i.told == i.ends.size()) {
    i.ends.clear();
    i.told = 0;
  }
  i.ended(end.id, end.outcome);
}

double SharedTasks::next_s() const {
  const auto& deadlines = impl_->deadlines;
  return deadlines.empty() ? std::numeric_limits<double>::infinity() : deadlines.begin()->first;
}

void SharedTasks::close_all() {
  Impl& i = *impl_;
  if (i.stopping) i.stopping(i.reached_s);
  while (!i.open.empty()) i.forget(i.open.begin())->cancel();
}

}  // namespace alight
