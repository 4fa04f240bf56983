// `alight requests` as a user runs it: what it prints and writes, and what it says of bad files and keys.
#include "tests/support/bad_input.hpp"
#include "tests/support/reference.hpp"

using namespace alight::test;

namespace {

constexpr const char* kTable =
    "arrival_s,prompt_tokens,output_tokens,session,hash_ids\n"
    "0,1024,5,a,1 2\n"
    "1,1500,6,b,1 3 4\n"
    "4,1024,7,a,1 2\n";

Outcome requests(const Folder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "requests");
  return run_binary(ALIGHT_BINARY, arguments, folder.path());
}

bool says(const Outcome& o, const std::string& part) {
  return o.out.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a table's statistics, and the table written again") {
  const Folder folder;
  write_file(folder / "t.csv", kTable);
  const Outcome o = requests(folder, {"t.csv", "--out", "again.csv"});
  INFO(o.text());
  REQUIRE(o.code == 0);
  CHECK(says(o, "t.csv: 3 rows, 0 skipped"));
  CHECK(says(o, "requests        3 from 0.000 s to 4.000 s"));
  CHECK(says(o, "rate            0.5 /s"));
  // Gaps of 1 and 3 s.
  CHECK(says(o, "coefficient of variation 0.500"));
  CHECK(says(o, "sessions        2"));
  // Found: 0 + 512 + 1024 of 3548 tokens, 3 of 7 blocks; mean (0 + 512 / 1500 + 1) / 3.
  CHECK(says(o, "43.3 % of the prompt tokens, 42.9 % of the prompt blocks"));
  CHECK(says(o, "44.7 % of a prompt"));
  CHECK(text_of(folder / "again.csv") ==
        "# block_tokens: 512\narrival_s,prompt_tokens,output_tokens,session,hash_ids\n"
        "0,1024,5,1,0 1\n1,1500,6,2,0 2 3\n4,1024,7,1,0 1\n");
  const Outcome twice = requests(folder, {"again.csv", "--out", "twice.csv"});
  CHECK(twice.code == 0);
  CHECK(text_of(folder / "twice.csv") == text_of(folder / "again.csv"));
}

TEST_CASE("keys of the block may be given on the command line, a seed draws again") {
  const Folder folder;
  write_file(folder / "t.csv", kTable);
  const Outcome o = requests(folder, {"t.csv", "--set", "rate=2 /s", "--set", "repeat=true", "--set", "requests=300"});
  INFO(o.text());
  CHECK(o.code == 0);
  CHECK(says(o, "requests        300 from"));
  CHECK(says(o, "rate            2"));

  write_file(folder / "g.yaml", "generate: {rate: 5 /s, requests: 50, prompt: {median: 100, sigma: 1}, output: 10}\n");
  CHECK(requests(folder, {"g.yaml", "--out", "a.csv"}).code == 0);
  CHECK(requests(folder, {"g.yaml", "--out", "b.csv"}).code == 0);
  CHECK(requests(folder, {"g.yaml", "--out", "c.csv", "--seed", "2"}).code == 0);
  CHECK(text_of(folder / "a.csv") == text_of(folder / "b.csv"));
  CHECK(text_of(folder / "a.csv") != text_of(folder / "c.csv"));

  write_file(folder / "f.tsv", "when\tin\tout\n1000\t5\t6\n2000\t7\t8\n");
  const Outcome mapped = requests(folder, {"f.tsv", "--column", "arrival_s=when:ms", "--column", "prompt_tokens=in",
                                           "--column", "output_tokens=out"});
  INFO(mapped.text());
  CHECK(mapped.code == 0);
  CHECK(says(mapped, "from 1.000 s to 2.000 s"));
}

TEST_CASE("compressed traces are read as they are") {
  const Folder folder;
  ALIGHT_REFERENCE_OR_SKIP(azure, "traces/azure_llm_2023/AzureLLMInferenceTrace_conv.csv.gz");
  ALIGHT_REFERENCE_OR_SKIP(mooncake, "traces/mooncake_fast25/conversation_trace.jsonl.xz");
  CHECK(says(requests(folder, {azure.string()}), "requests        19366 from"));
  const Outcome o = requests(folder, {mooncake.string(), "--format", "mooncake"});
  CHECK(says(o, "requests        12031 from"));
  CHECK(says(o, "37.4 % of the prompt tokens"));
}

TEST_CASE("bad files are refused by place") {
  Judge judge;
  const std::string head = "arrival_s,prompt_tokens,output_tokens\n";
  const auto refused = [&](const std::string& file, const std::string& text, const std::string& place) {
    write_file(judge.folder / file, text);
    judge.refused(file + " " + text, {"requests", file, "--out", "out"}, place);
  };
  judge.refused("no file", {"requests", "nowhere.csv", "--out", "out"}, "nowhere.csv");
  judge.refused("a folder", {"requests", ".", "--out", "out"}, "is a directory");
  judge.refused("no argument", {"requests"}, "SOURCE");
  refused("t.csv", "", "t.csv");
  refused("t.csv", "\n\n", "t.csv");
  refused("t.csv", std::string("\0\1\2\3", 4), "t.csv");
  refused("t.csv", "\x1f\x8b nothing", "t.csv");
  refused("t.csv", head, "holds no request");
  refused("t.csv", "arrival_s,prompt_tokens\n1,1\n", "output_tokens");
  refused("t.csv", "a,b\n1,1\n", "azure (TIMESTAMP");
  refused("t.csv", head + "1,1,1\n2,x,1\n", "t.csv:3:3: prompt_tokens");
  refused("t.csv", head + "1,1,1\n2,1\n", "t.csv:3");
  refused("t.csv", head + "1,\"1,1\n2,1,1\n", "t.csv:2");
  refused("t.csv", head + "nan,1,1\n", "t.csv:2:1: arrival_s");
  refused("t.csv", head + "1e300,1,1\n", "t.csv:2:1: arrival_s");
  refused("t.csv", head + "1,1e9,1\n", "t.csv:2:3: prompt_tokens");
  refused("t.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-13-01 00:00:00,1,1\n", "t.csv:2:1: TIMESTAMP");
  refused("t.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-01 00:00:00,1,1\n17,1,1\n",
          "t.csv:3:1: TIMESTAMP");
  refused("t.csv", "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,a,1,0,1,x\n",
          "t.csv:2 (no output tokens)");
  refused("t.jsonl", "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 5}\n", "mooncake (");
  refused("t.jsonl", "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": [1, 2]}\n",
          "t.jsonl:1:69: hash_ids");
  refused("t.jsonl", "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": [1.5]}\n",
          "t.jsonl:1:69: hash_ids");
  refused("t.jsonl", "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": {}\n", "t.jsonl:1");
  // Several at once.
  write_file(judge.folder / "t.csv", head + "1,1,1\n2,x,1\n3,1,y\nz,1,1\n");
  const Outcome o = run_binary(ALIGHT_BINARY, {"requests", "t.csv"}, judge.folder.path());
  CHECK(o.code == 2);
  for (const char* place : {"t.csv:3:3", "t.csv:4:5", "t.csv:5:1", "3 errors"})
    CHECK(o.err.find(place) != std::string::npos);
}

TEST_CASE("bad arguments and keys are refused by name") {
  Judge judge;
  write_file(judge.folder / "t.csv", kTable);
  const auto refused = [&](std::vector<std::string> more, const std::string& place) {
    more.insert(more.begin(), {"requests", "t.csv", "--out", "out"});
    judge.refused(more.back(), more, place);
  };
  refused({"--format", "azur"}, "did you mean \"azure\"?");
  refused({"--format", "azure"}, "TIMESTAMP");
  refused({"--format", "jsonl"}, "JSON lines");
  refused({"--column", "arrival_s"}, "ours=theirs");
  refused({"--column", "arival_s=a"}, "did you mean \"arrival_s\"?");
  refused({"--column", "arrival_s=nowhere"}, "nowhere");
  refused({"--set", "rte=1 /s"}, "did you mean \"rate\"?");
  refused({"--set", "rate=1"}, "needs a unit");
  refused({"--set", "rate=-1 /s"}, "rate");
  refused({"--set", "window={from: 9 s, to: 3 s}"}, "window.to");
  refused({"--set", "window.from=9 h"}, "window");
  refused({"--set", "kinds=[x]"}, "kinds[0]");
  refused({"--set", "repeat=true"}, "has no end");
  refused({"--set", "requests=0"}, "requests");
  refused({"--set", "generate.rate=1 /s"}, "generate");
  refused({"--set", "block_tokens=0"}, "block_tokens");
  refused({"--seed", "x"}, "--seed");
  judge.refused("out in no folder", {"requests", "t.csv", "--out", "nowhere/x.csv"}, "nowhere/x.csv");

  const auto yaml = [&](const std::string& text, const std::string& place) {
    write_file(judge.folder / "g.yaml", text);
    judge.refused(text, {"requests", "g.yaml", "--out", "out"}, place);
  };
  yaml("", "is empty");
  yaml("{}", "states no requests");
  yaml("[]", "g.yaml");
  yaml("a: [", "g.yaml");
  yaml("generate: 5", "g.yaml:1:11: generate");
  yaml("generate: {rate: 1 /s}", "generate.prompt");
  yaml("generate:\n  rate: 1 /s\n  prompt: {mean: x}\n  output: 1\n", "g.yaml:3:18: generate.prompt.mean");
  yaml("generate: {rate: 1 /s, prompt: 1, output: 1}", "has no end");
  yaml("generate: {rate: 1 /s, requests: 5, prompt: 1, output: 1, arrivals: {process: gama}}",
       "did you mean \"gamma\"?");
  yaml("file: nowhere.csv", "g.yaml:1:7: file");
}
