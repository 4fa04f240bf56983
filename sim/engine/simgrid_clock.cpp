#include "sim/engine/simgrid_clock.hpp"

#include <string>

#include "platforms/simgrid/compat.hpp"
#include "sim/version.hpp"

namespace alight {
namespace {

// SimGrid refuses to run an empty world, and its engine eats options it finds in argv: it gets one idle host where
// nothing else is wanted, and an argv of its own. Its log stays silent: what users should know, alight says.
class World {
 public:
  explicit World(const PopulateSimgrid& populate) : engine_((simgrid_compat::silence(), &argc_), argv_pointer_) {
    // The host model whose executions use several resources at one pace; it must be chosen before the first zone.
    simgrid::s4u::Engine::set_config("host/model:ptask_L07");
    if (populate) {
      populate(engine_);
      return;
    }
    auto* world = simgrid_compat::world(engine_);
    simgrid_compat::add_host(world, "clock", 1.0);
    world->seal();
  }
  simgrid::s4u::Engine& engine() { return engine_; }

 private:
  int argc_ = 1;
  char name_[7] = "alight";
  char* argv_[2] = {name_, nullptr};
  char** argv_pointer_ = argv_;
  simgrid::s4u::Engine engine_;
};

}  // namespace

struct SimgridClock::Impl {
  World world;
  std::function<void()> wake = {};
  simgrid::kernel::timer::Timer* timer = nullptr;
};

SimgridClock::SimgridClock(const PopulateSimgrid& populate) : impl_(new Impl{.world = World(populate)}) {}
SimgridClock::~SimgridClock() = default;

double SimgridClock::now() const {
  return simgrid::s4u::Engine::get_clock();
}

void SimgridClock::wake_at(double time_s, std::function<void()> wake) {
  impl_->wake = std::move(wake);
  if (impl_->timer) impl_->timer->remove();
  impl_->timer = simgrid::kernel::timer::Timer::set(time_s, [this] {
    impl_->timer = nullptr;
    const auto call = std::move(impl_->wake);
    call();
  });
}

std::string simgrid_version() {
  int major = 0, minor = 0, patch = 0;
  sg_version_get(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

void SimgridClock::run() {
  impl_->world.engine().run();
}

}  // namespace alight
