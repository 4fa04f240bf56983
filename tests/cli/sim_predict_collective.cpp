// `alight predict collective`: what it writes, and what it says of mistakes.
#include <catch2/catch.hpp>
#include <string>

#include "tests/support/predictions.hpp"

using namespace alight::test;

namespace {

constexpr const char* kHeader = "id,op,chip,ranks,ranks_per_node,bytes,dtype\n";

constexpr Predict predict{"collective"};

}  // namespace

TEST_CASE("cases become predictions, and what cannot be predicted says why") {
  Folder folder;
  const Outcome o = predict(folder, std::string(kHeader) +
                                        "a,all_reduce,H100,8,8,1e9,half\n"
                                        "b,all_reduce,H100X,8,8,1e9,half\n"
                                        "c,all_redcue,H100,8,8,1e9,half\n"
                                        "d,alltoall,\"GB200 (per GPU, NVL72)\",16,4,1048576,half\n"
                                        "e,all_gather,H100,4,8,1e9,half\n"
                                        "f,all_gather,TPU v4,8192,4,1e9,half\n"
                                        "g,all_reduce,H100,1,1,1e9,half\n"
                                        "h,send_recv,L40S,2,2,1e6,half\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  const std::string out = text_of(folder / "out.csv");
  INFO(out);
  CHECK(out.find("id,status,time_us,busbw_gbs,algorithm\n") == 0);
  CHECK(out.find("\na,ok,") != std::string::npos);
  CHECK(out.find(",in_network\n") != std::string::npos);
  CHECK(out.find("\nb,\"unsupported: no chip named \"\"H100X\"\" in the catalogue, did you mean") != std::string::npos);
  CHECK(out.find("\nc,\"unsupported: no operation \"\"all_redcue\"\", did you mean \"\"all_reduce\"\"?\",,,\n") !=
        std::string::npos);
  CHECK(out.find("\nd,ok,") != std::string::npos);
  CHECK(out.find("\ne,unsupported: 4 ranks cannot have 8 in each node,,,\n") != std::string::npos);
  CHECK(out.find("\nf,\"unsupported: ") == std::string::npos);
  CHECK(out.find("\nf,unsupported: 8192 ranks span scale-up domains of 4096 chips") != std::string::npos);
  CHECK(out.find("\ng,ok,0,0,none\n") != std::string::npos);
  CHECK(out.find("\nh,ok,") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "out.csv.part"));
}

TEST_CASE("the same cases give the same bytes, with or without columns of no concern") {
  Folder one, two;
  REQUIRE(predict(one, std::string(kHeader) + "a,all_reduce,H100,8,8,1e9,half\n").code == 0);
  REQUIRE(
      predict(two, "bytes,measured_us,dtype,id,chip,op,ranks,ranks_per_node,set\n1e9,1,half,a,h100,all_reduce,8,8,x\n")
          .code == 0);
  CHECK(text_of(one / "out.csv") == text_of(two / "out.csv"));
}

TEST_CASE("mistakes of the table end with code 2, all of them told, nothing written") {
  Folder folder;
  const Outcome o = predict(folder, std::string(kHeader) +
                                        "a,all_reduce,H100,zero,8,1e9,half\n"
                                        "b,all_reduce,H100,8,8,-1,half\n");
  INFO(o.text());
  CHECK(o.code == 2);
  CHECK(o.err.find("cases.csv:2:19: ranks: \"zero\" is not a whole number") != std::string::npos);
  CHECK(o.err.find("cases.csv:3:23: bytes: \"-1\" is not a number of at least 0") != std::string::npos);
  CHECK(o.err.find("2 errors, nothing was run") != std::string::npos);
  CHECK(nothing_left(folder));

  const Outcome missing = predict(folder, "id,op,chips,ranks,bytes\n");
  INFO(missing.text());
  CHECK(missing.code == 2);
  CHECK(missing.err.find("chip: the table has no such column") != std::string::npos);
  CHECK(missing.err.find("ranks_per_node: the table has no such column") != std::string::npos);
  CHECK(nothing_left(folder));

  const Outcome absent =
      run_binary(ALIGHT_BINARY, {"predict", "collective", "--cases", "no.csv", "--out", "out.csv"}, folder.path());
  CHECK(absent.code == 2);
  CHECK(nothing_left(folder));

  const Outcome nowhere = predict(folder, std::string(kHeader) + "a,all_reduce,H100,8,8,1e9,half\n", "no/such/out.csv");
  INFO(nowhere.text());
  CHECK(nowhere.code == 2);
  CHECK(nowhere.err.find("--out") != std::string::npos);
}

TEST_CASE("options of cases: network, domain and rates of their own") {
  Folder folder;
  const Outcome o =
      predict(folder,
              "id,op,chip,ranks,ranks_per_node,bytes,network,scale_out_gbps,scale_up_gbs,domain,ranks_per_leaf,"
              "oversubscription\n"
              "plain,all_reduce,H100,16,8,1e9,,,,,,\n"
              "thin,all_reduce,H100,16,8,1e9,,100,,,,\n"
              "over,all_reduce,H100,16,8,1e9,,,,,8,8\n"
              "wide,all_reduce,H100,16,8,1e9,,,,16,,\n"
              "efa,all_reduce,H100,16,8,1e6,efa,,,,,\n"
              "bad,all_reduce,H100,16,8,1e9,EFB,,,,,\n"
              "mesh,all_reduce,Ascend 910B2,8,8,1e9,,,784,,,\n");
  INFO(o.text());
  REQUIRE(o.code == 0);
  const std::string out = text_of(folder / "out.csv");
  INFO(out);
  CHECK(out.find("\nbad,\"unsupported: no network named \"\"EFB\"\"") != std::string::npos);
  for (const char* id : {"plain", "thin", "over", "wide", "efa", "mesh"})
    CHECK(out.find("\n" + std::string(id) + ",ok,") != std::string::npos);
}
