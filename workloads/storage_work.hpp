// What a training job reads from the storage system and writes to it: what it loads before its first step, data while
// it trains, checkpoints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace alight {

struct StorageWork {
  enum class Load : std::uint8_t {
    none,
    weights,     ///< every rank the weights it holds
    checkpoint,  ///< and its optimiser states: a run that goes on
    bytes,       ///< `load_bytes`
  };
  Load load = Load::none;
  double load_bytes = 0;  ///< in all, evenly over the ranks
  /// Between two checkpoints: as stated, or the best one by what one costs and how often the job is interrupted.
  enum class Interval : std::uint8_t { stated, young, daly };
  Interval interval = Interval::stated;
  double every_s = 0;  ///< stated: of training; or `every_steps`; both 0: none is written
  double every_steps = 0;
  bool asynchronous = false;    ///< written beside the steps that follow
  double checkpoint_bytes = 0;  ///< 0: the state of the model (models/training/state.hpp)
  double token_bytes = 0;       ///< of data read for each token, or sample where the model counts samples

  bool checkpoints() const { return every_s > 0 || every_steps > 0 || interval != Interval::stated; }
  bool any() const { return load != Load::none || checkpoints() || token_bytes > 0; }
  bool operator==(const StorageWork&) const = default;
};

/// "none", "weights", "checkpoint" or bytes with a unit. Returns what is wrong, or empty.
std::string read_load(std::string_view text, StorageWork& work);
std::string load_text(const StorageWork& work);

/// How often: a time of training or a number of steps, "30 min", "500 steps"; "young" or "daly"; "none". Returns what
/// is wrong, or empty.
std::string read_every(std::string_view text, StorageWork& work);
/// The same with a size and a mode behind it, as one cell of a table: "30 min", "500 steps asynchronous",
/// "30 min 2.3 TB".
std::string read_checkpoint(std::string_view text, StorageWork& work);
/// Of a work with checkpoints(); else empty.
std::string checkpoint_text(const StorageWork& work);

/// Bytes with a unit, "4 B".
std::string read_token_bytes(std::string_view text, StorageWork& work);
std::string token_bytes_text(const StorageWork& work);

}  // namespace alight
