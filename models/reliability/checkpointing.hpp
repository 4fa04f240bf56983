// How often to write a checkpoint, and what is left of a job's time: exact for failures that come by chance
// (exponential), and the approximations the field uses.
//
// A job computes for an interval, then stands still while a checkpoint is taken (`stall`), and so on. A blocking
// checkpoint stalls for as long as its writing takes. An asynchronous one stalls for a copy only and is written while
// the job computes on: it counts from `behind` after the stall. At a failure all since the last checkpoint that counts
// is lost; a restart takes its time, and may fail itself.
//
//   J. W. Young, "A first order approximation to the optimum checkpoint interval", CACM 17(9), 1974.
//   J. T. Daly, "A higher order estimate of the optimum checkpoint interval for restart dumps", FGCS 22, 2006.
//   A. Kokolis et al., HPCA 2025, arXiv 2410.21680 (ETTR).
#pragma once

namespace alight {

/// Seconds. `mttf_s` is of the whole job.
struct CheckpointCosts {
  double mttf_s = 0;
  double stall_s = 0;    ///< the job stands still for each checkpoint
  double behind_s = 0;   ///< from the end of the stall until the checkpoint counts; 0 where it blocks
  double restart_s = 0;  ///< from a failure until it computes again: detection, replacement, loading
};

/// What becomes of the time from the first start on, in the long run. Sums to 1.
struct TimeShares {
  double useful = 0;      ///< computing that is kept: ETTR
  double checkpoint = 0;  ///< stalls of checkpoints that were kept
  double lost = 0;        ///< done again: computing and stalls since the last checkpoint that counts
  double restart = 0;
};

/// Young's equation: sqrt(2 stall MTTF).
double young_interval_s(const CheckpointCosts& costs);
/// Of Daly's simple cost function (first in J. T. Daly, "A model for predicting the optimum checkpoint interval for
/// restart dumps", ICCS 2003): sqrt(2 stall (MTTF + restart)) - stall.
double daly_first_order_interval_s(const CheckpointCosts& costs);
/// Daly's higher-order estimate, 2006: with x = stall / (2 MTTF), sqrt(2 stall MTTF) (1 + sqrt(x) / 3 + x / 9) - stall
/// below x = 1, else the MTTF.
double daly_interval_s(const CheckpointCosts& costs);
/// The best interval of time_shares(): with t = interval / MTTF, (1 - t) e^t = e^(-stall / MTTF) (Daly 2006 solves it
/// by Lambert's function; here by bisection). An asynchronous checkpoint must count before the next one is due, so that
/// no interval is shorter than that.
double best_interval_s(const CheckpointCosts& costs);

/// With M the MTTF, P = interval + stall, w = behind and R = restart. Between two failures there are M of running on
/// average and M (e^(R/M) - 1) of restarting, failed restarts included. The k-th checkpoint counts if nothing fails for
/// k P + w, so that the sum over k, e^(-w/M) / (e^(P/M) - 1), are kept, each an interval. With w = 0 this is the
/// complete model of Daly 2006: T / T_useful = (M / interval) e^(R/M) (e^(P/M) - 1). `behind_s` beyond P is our own
/// bug: checkpoints would pile up.
TimeShares time_shares(const CheckpointCosts& costs, double interval_s);

/// The closed form of Kokolis et al., section III: (1 - (restart + interval / 2) / MTTF) / (1 + stall / interval). What
/// a failure costs beside it, `wait_s` in the queue for each, divides by 1 + wait / MTTF: failures come while the job
/// runs only. At least 0.
double ettr(const CheckpointCosts& costs, double interval_s, double wait_s = 0);

/// What restarts take in the long run when, of all failures, a share `warm` finds a spare and the rest waits.
constexpr double mean_restart_s(double warm, double warm_s, double cold_s) {
  return warm * warm_s + (1 - warm) * cold_s;
}

}  // namespace alight
