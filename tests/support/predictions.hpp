// `alight predict`, run as a user would on cases.csv of a folder, and the predictions it leaves there in out.csv.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"

namespace alight::test {

/// One of the commands `alight predict ...`, to be called with the text of its table of cases.
struct Predict {
  const char* what;

  Outcome operator()(const Folder& folder, const std::string& cases, const std::string& out = "out.csv",
                     const std::vector<std::string>& more = {}) const {
    write_file(folder / "cases.csv", cases);
    std::vector<std::string> arguments = {"predict", what, "--cases", "cases.csv", "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_binary(ALIGHT_BINARY, arguments, folder.path());
  }
};

inline bool nothing_left(const Folder& folder) {
  return !std::filesystem::exists(folder / "out.csv") && !std::filesystem::exists(folder / "out.csv.part");
}

/// By id.
inline std::map<std::string, CsvRow> predictions(const Folder& folder) {
  std::map<std::string, CsvRow> out;
  for (CsvRow& row : csv_rows(folder / "out.csv")) out[row["id"]] = row;
  return out;
}

inline double number(const CsvRow& row, const char* column) {
  return std::stod(row.at(column));
}

}  // namespace alight::test
