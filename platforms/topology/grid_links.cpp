#include "platforms/topology/grid_links.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

namespace alight {

GridLinks::GridLinks(const Grid& grid, std::shared_ptr<const GridShape> shape, const std::string& name,
                     const std::function<std::int64_t(std::int64_t)>& site_server, const Add& add)
    : shape_(std::move(shape)) {
  const std::size_t axes = shape_->axes();
  first_.assign(static_cast<std::size_t>(shape_->cells()) * axes, kNoLink);
  for (std::int64_t server = 0; server < shape_->cells(); ++server) {
    const std::int64_t cell = shape_->cell_of(server);
    for (std::size_t axis = 0; axis < axes; ++axis)
      for (std::int64_t link = 0, links = shape_->links_up(cell, axis); link < links; ++link) {
        const std::int64_t end = shape_->server_at(shape_->end_of(cell, axis, link));
        std::string text = fmt::format("{}.{}{}", name, site_server(server), letter_of(axis));
        if (grid.wiring == Grid::Wiring::full_mesh) text += std::to_string(site_server(end));
        const LinkIndex index = add(text, grid.gbps[axis], server, end);
        if (link == 0) first_[static_cast<std::size_t>(cell) * axes + axis] = index;
      }
  }
}

void GridLinks::way(std::int64_t cell_a, std::int64_t cell_b, bool fixed, std::vector<Crossing>& out) const {
  const std::size_t axes = shape_->axes();
  shape_->walk(cell_a, cell_b, fixed, [&](const GridShape::Step& step) {
    const LinkIndex first = first_[static_cast<std::size_t>(step.owner) * axes + step.axis];
    out.push_back({first + 2 * static_cast<LinkIndex>(step.link) + (step.down ? 1 : 0), step.share});
  });
}

class GridLinks::Slice final : public SliceWays {
 public:
  Slice(const GridLinks& whole, const Grid& slice, const std::vector<std::int64_t>& blocks,
        std::function<std::int64_t(std::int64_t)> cell_of_place)
      : whole_(whole), shape_(slice), cell_of_place_(std::move(cell_of_place)) {
    const std::int64_t per_block = slice.block_servers();
    for (std::int64_t s = 0; s < shape_.cells(); ++s) {
      const std::int64_t server = blocks[static_cast<std::size_t>(s / per_block)] * per_block + s % per_block;
      whole_cell_.emplace(shape_.cell_of(s), whole.shape().cell_of(server));
      own_cell_.emplace(whole.shape().cell_of(server), shape_.cell_of(s));
    }
  }
  const std::vector<std::int64_t>& dims() const override { return shape_.dims(); }
  void way(std::int64_t place_a, std::int64_t place_b, std::vector<Crossing>& out) const override {
    const std::size_t axes = shape_.axes();
    shape_.walk(own(place_a), own(place_b), false, [&](const GridShape::Step& step) {
      const auto owner = static_cast<std::size_t>(whole_cell_.at(step.owner));
      out.push_back({whole_.first_[owner * axes + step.axis] + (step.down ? 1 : 0), step.share});
    });
  }

 private:
  std::int64_t own(std::int64_t place) const {
    const auto found = own_cell_.find(cell_of_place_(place));
    if (found == own_cell_.end()) throw std::logic_error("SliceWays::way: a place outside the slice");
    return found->second;
  }
  const GridLinks& whole_;
  GridShape shape_;
  std::function<std::int64_t(std::int64_t)> cell_of_place_;
  std::unordered_map<std::int64_t, std::int64_t> whole_cell_, own_cell_;
};

std::unique_ptr<const SliceWays> GridLinks::slice(const Grid& grid, const std::vector<std::int64_t>& blocks,
                                                  std::function<std::int64_t(std::int64_t)> cell_of_place) const {
  Grid slice = grid;
  slice.dims = slice_dims(grid, std::ssize(blocks));
  if (slice.dims.empty()) return nullptr;
  return std::make_unique<Slice>(*this, slice, blocks, std::move(cell_of_place));
}

}  // namespace alight
