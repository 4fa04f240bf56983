// The United States' export rule for advanced computing chips (ECCN 3A090), as a dated function of a chip's figures.
//
// Sources: 88 FR 73458 (interim final rule "Implementation of Additional Export Controls: Certain Advanced Computing
// Items", released 2023-10-17, published 2023-10-25) and ECCN 3A090 of the Commerce Control List with its notes;
// summaries at https://www.lenzo.ai/eccn/3a090/ and
// https://chipclaims.com/articles/eccn-3a090-tpp-performance-density-thresholds-2026-06-16. It says whether a part is
// described by the rule, not whether a licence would be given. For parts designed in China the same thresholds bite
// through the foundry rules, not through export of the chip.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/describe/date.hpp"

namespace alight {

/// What the rule looks at. Rates are dense ("sparsity is not counted"), in 10^12 operations per second; absent =
/// unknown. TF32 is left out: the rule takes the bit length of the inputs to the multiplication, which is 19 of the 32
/// stored. Where TF32 runs at half the 16-bit rate it cannot decide; where it runs as fast (Trainium 1 to 3, Enflame
/// T20 and T21) a stricter reading gives a higher TPP.
struct ExportFigures {
  std::optional<double> fp64_tflops, fp32_tflops, bf16_tflops, fp8_tflops, fp4_tflops, int8_tops;
  std::optional<double> die_mm2;
  bool datacentre = true;  ///< designed or marketed for datacentres; false = a consumer part
};

/// Total processing performance: the largest of rate x bit length over the known rates. Technical note 2 to 3A090
/// counts a multiply-accumulate as two operations (TPP = 2 x MacTOPS x bits), as TFLOPS do. Nothing where no rate is
/// known.
std::optional<double> total_processing_performance(const ExportFigures& chip);
/// TPP over the die area in mm2; technical note 3 to 3A090. Nothing where either is unknown.
std::optional<double> performance_density(const ExportFigures& chip);

/// Thresholds in force from a date on.
struct ExportRule {
  std::string_view name;
  Date from;
  double tpp_a = 0;                       ///< 3A090.a: at least this TPP ...
  double tpp_a_dense = 0, density_a = 0;  ///< ... or at least this TPP and this density
  double tpp_b = 0, density_b = 0;        ///< 3A090.b: TPP in [tpp_b, tpp_a) and density in [density_b, density_a) ...
  double tpp_b_dense = 0, density_b_dense = 0;  ///< ... or TPP >= this and density in [this, density_a)
};
/// All rules known here, oldest first.
const std::vector<ExportRule>& export_rules();
/// The rule in force on a day, or null before the first one known here.
const ExportRule* export_rule_on(Date day);

enum class ExportStatus { controlled, not_controlled, unknown };
std::string_view name_of(ExportStatus status);

struct ExportFinding {
  ExportStatus status = ExportStatus::unknown;
  std::string paragraph;  ///< "3A090.a", "3A090.b", or empty
  std::string why;        ///< "TPP 15832 >= 4800", "TPP 3152 >= 1600 and the die area is unknown"
  std::optional<double> tpp, density;
};
/// Applies the rule. A part for consumers counts from tpp_a on only (note 2 to 3A090). Unknown where the TPP is not
/// known, or where the density decides and the die area is not known.
ExportFinding apply(const ExportRule& rule, const ExportFigures& chip);

}  // namespace alight
