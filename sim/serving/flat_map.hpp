// A map from a block's name to a number, flat: open addressing with linear probing, removal by moving back, so that it
// neither allocates per entry nor slows down as entries come and go (Knuth, The Art of Computer Programming 3, 6.4,
// algorithm R).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace alight {

class FlatMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// The value of `key`, or kNone.
  std::uint32_t find(std::uint32_t key) const {
    if (slots_.empty()) return kNone;
    for (std::size_t i = home(key);; i = (i + 1) & mask()) {
      if (slots_[i].value == kNone) return kNone;
      if (slots_[i].key == key) return slots_[i].value;
    }
  }

  /// Sets the value of `key`, which is not kNone.
  void set(std::uint32_t key, std::uint32_t value) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    std::size_t i = home(key);
    while (slots_[i].value != kNone && slots_[i].key != key) i = (i + 1) & mask();
    if (slots_[i].value == kNone) ++size_;
    slots_[i] = {key, value};
  }

  /// Takes out `key`, which is in.
  void erase(std::uint32_t key) {
    std::size_t hole = home(key);
    while (slots_[hole].key != key || slots_[hole].value == kNone) hole = (hole + 1) & mask();
    for (std::size_t i = (hole + 1) & mask(); slots_[i].value != kNone; i = (i + 1) & mask()) {
      const std::size_t at_home = home(slots_[i].key);
      if (((i - at_home) & mask()) < ((i - hole) & mask())) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole].value = kNone;
    --size_;
  }

  std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint32_t key = 0, value = kNone;
  };
  std::size_t mask() const { return slots_.size() - 1; }
  /// Fibonacci hashing: the high bits of a multiple of the golden section.
  std::size_t home(std::uint32_t key) const { return (std::uint64_t{key} * 0x9e3779b97f4a7c15u >> 32) & mask(); }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : 2 * slots_.size());
    old.swap(slots_);
    size_ = 0;
    for (const Slot& s : old)
      if (s.value != kNone) set(s.key, s.value);
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace alight
