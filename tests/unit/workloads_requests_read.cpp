// Each format of requests on a sample small enough to check by eye, and every way a row can be bad.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "workloads/requests/formats.hpp"
#include "workloads/requests/json_line.hpp"
#include "workloads/requests/write_csv.hpp"

using namespace alight;

namespace {

using Texts = std::vector<Input>;

RequestImport must_read(const Texts& files, const char* format = "auto", const RequestReadOptions& options = {}) {
  Diagnostics d;
  auto read = read_requests(files, format, options, d);
  std::ostringstream problems;
  d.print(problems);
  INFO(problems.str());
  REQUIRE(read);
  return std::move(*read);
}

std::string must_fail(const Texts& files, const char* format = "auto", const RequestReadOptions& options = {}) {
  Diagnostics d;
  const auto read = read_requests(files, format, options, d);
  REQUIRE_FALSE(read);
  REQUIRE_FALSE(d.ok());
  std::ostringstream problems;
  d.print(problems);
  return problems.str();
}

std::vector<BlockHash> blocks(const RequestTrace& trace, std::size_t i) {
  const auto span = blocks_of(trace, trace.requests.at(i));
  return {span.begin(), span.end()};
}

RequestReadOptions mapped(const std::vector<std::string>& columns) {
  RequestReadOptions options;
  for (const auto& column : columns) REQUIRE(add_column(options.columns, column, request_column_names()).empty());
  return options;
}

constexpr const char* kOwn = "arrival_s,prompt_tokens,output_tokens";

}  // namespace

TEST_CASE("azure: stamps to a tenth of a microsecond, counted from the whole second of the first") {
  const auto read = must_read({{"azure.csv",
                                "TIMESTAMP,ContextTokens,GeneratedTokens\n"
                                "2023-11-16 18:17:03.9799600,4808,10\n"
                                "2023-11-16 18:17:04.0319601,3180,8\n"
                                "2023-11-16 19:14:19.9280160,549,173"}});
  CHECK(read.format == "azure");
  const auto& r = read.trace.requests;
  REQUIRE(r.size() == 3);
  CHECK(r[0].arrival_s == 0.97996);
  CHECK(r[1].arrival_s == 1.0319601);
  // 57 min 16 s after 18:17:03.
  CHECK(r[2].arrival_s == 3436.928016);
  CHECK(r[0].prompt_tokens == 4808);
  CHECK(r[2].output_tokens == 173);
  // 2023-11-16 18:17:03 UTC.
  CHECK(read.trace.start_s == 1700158623);
  CHECK(read.trace.block_tokens == 0);
}

TEST_CASE("azure 2024: stamps with a zone, rows out of order are put in order") {
  const auto read = must_read({{"azure.csv",
                                "TIMESTAMP,ContextTokens,GeneratedTokens\n"
                                "2024-05-10 00:00:01.500000+00:00,10,1\n"
                                "2024-05-10 00:59:59.250000+01:00,20,2\n"}});
  const auto& r = read.trace.requests;
  REQUIRE(r.size() == 2);
  CHECK(r[0].prompt_tokens == 20);
  CHECK(r[0].arrival_s == 0.25);
  CHECK(r[1].arrival_s == 2.5);
}

TEST_CASE("mooncake: milliseconds, blocks of 512 tokens numbered without gaps") {
  const auto read = must_read(
      {{"m.jsonl",
        "{\"timestamp\": 0, \"input_length\": 1500, \"output_length\": 5, \"hash_ids\": [7, 900, 3]}\n"
        "\n"
        "{\"timestamp\": 27, \"input_length\": 1024, \"output_length\": 6, \"hash_ids\": [7, 18446744073709551615]}\n"
        "{\"timestamp\": 40.5, \"input_length\": 1, \"output_length\": 7, \"hash_ids\": []}\r\n"}});
  CHECK(read.format == "mooncake");
  CHECK(read.report.taken == 3);
  CHECK(read.report.notes.empty());
  const RequestTrace& t = read.trace;
  CHECK(t.block_tokens == 512);
  CHECK(t.distinct_blocks == 4);
  CHECK(t.requests[1].arrival_s == 0.027);
  CHECK(t.requests[2].arrival_s == 0.0405);
  CHECK(blocks(t, 0) == std::vector<BlockHash>{0, 1, 2});
  CHECK(blocks(t, 1) == std::vector<BlockHash>{0, 3});
  CHECK(blocks(t, 2).empty());
  CHECK(t.start_s == 0);
}

TEST_CASE("burstgpt: both forms, calls that failed are no requests") {
  const auto old_form = must_read({{"b.csv",
                                    "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                                    "5,ChatGPT,472,18,490,Conversation log\n"
                                    "45,GPT-4,1087,0,1087,API log\n"
                                    "50,GPT-4,0,0,0,API log\n"
                                    "118,GPT-4,417,276,693,API log\n"}});
  CHECK(old_form.format == "burstgpt");
  CHECK(old_form.report.taken == 2);
  CHECK(old_form.report.skipped == 2);
  REQUIRE(old_form.report.reasons.size() == 2);
  CHECK(old_form.report.reasons[0].why == "no output tokens");
  CHECK(old_form.report.reasons[0].first_place == "b.csv:3");
  CHECK(old_form.report.reasons[1].why == "no prompt tokens");
  CHECK(old_form.trace.kinds == std::vector<std::string>{"", "ChatGPT", "GPT-4"});
  CHECK(old_form.trace.requests[1].kind == 2);
  // Its clock begins at midnight of the first day, not with the first request.
  CHECK(old_form.trace.requests[0].arrival_s == 5);

  const auto new_form =
      must_read({{"b.csv",
                  "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                  "1,88,2.5,ChatGPT,10,11,21,Conversation log\n"
                  "2,,0.5,ChatGPT,12,13,25,API log\n"
                  "3,17,0.5,ChatGPT,12,13,25,Conversation log\n"
                  "4,88,0.5,ChatGPT,12,13,25,Conversation log\n"}});
  const auto& r = new_form.trace.requests;
  CHECK(std::vector<std::uint32_t>{r[0].session, r[1].session, r[2].session, r[3].session} ==
        std::vector<std::uint32_t>{1, 0, 2, 1});
}

TEST_CASE("tables of our own: every column, and what is written reads back the same") {
  const std::string text =
      "# epoch: 2025-06-01 08:00:00\n"
      "# block_tokens: 16\n"
      "arrival_s,prompt_tokens,output_tokens,session,priority,kind,hash_ids,answer_blocks,x_own\n"
      "0.125,40,20,ann,3,chat,4 5 6,1,hello\n"
      "1,32,1,,,\"a \"\"b\"\", c\",4 5,,\n"
      "1,33,1,ann,,,,,\n";
  const auto read = must_read({{"own.csv", text}});
  const RequestTrace& t = read.trace;
  CHECK(read.format == "csv");
  CHECK(t.block_tokens == 16);
  CHECK(t.start_s == 1748764800);
  CHECK(t.requests[0].priority == 3);
  CHECK(t.requests[0].blocks == 2);
  CHECK(t.requests[0].answer_blocks == 1);
  CHECK(blocks_after(t, t.requests[0]).size() == 3);
  CHECK(blocks(t, 1) == std::vector<BlockHash>{0, 1});
  CHECK(t.kinds == std::vector<std::string>{"", "chat", "a \"b\", c"});
  CHECK(t.requests[2].session == 1);

  std::ostringstream out;
  write_request_csv(out, t);
  const auto again = must_read({{"again.csv", out.str()}});
  CHECK(again.trace.kinds == t.kinds);
  CHECK(again.trace.blocks == t.blocks);
  CHECK(again.trace.start_s == t.start_s);
  std::ostringstream twice;
  write_request_csv(twice, again.trace);
  CHECK(twice.str() == out.str());
}

TEST_CASE("any table and any JSON lines, by a column map with units") {
  const auto table = must_read({{"t.tsv", "sent\tin\tout\n1500\t7\t8\n2500\t9\t10\n"}}, "csv",
                               mapped({"arrival_s=sent:ms", "prompt_tokens=in", "output_tokens=out"}));
  CHECK(table.trace.requests[0].arrival_s == 1.5);
  CHECK(table.trace.requests[1].output_tokens == 10);

  // The format is told by the text where columns are mapped.
  const auto lines =
      must_read({{"t.jsonl", "{\"a\": {\"b\": [1, \"}\"]}, \"t\": 60, \"p\": 7, \"o\": \"8\", \"s\": null}\n"}}, "auto",
                mapped({"arrival_s=t:min", "prompt_tokens=p", "output_tokens=o", "session=s"}));
  CHECK(lines.format == "jsonl");
  CHECK(lines.trace.requests[0].arrival_s == 3600);
  CHECK(lines.trace.requests[0].output_tokens == 8);
  CHECK(lines.trace.requests[0].session == 0);

  const auto kinds = must_read({{"t.jsonl",
                                 "{\"arrival_s\": 0, \"prompt_tokens\": 1, \"output_tokens\": 1, "
                                 "\"kind\": \"\\u00e9t\\u00e9\"}\n"}});
  CHECK(kinds.trace.kinds.back() == "\xc3\xa9t\xc3\xa9");

  const auto unix_time = must_read({{"t.csv", std::string(kOwn) + "\n1700000000.5,1,1\n1700000001,1,1\n"}});
  CHECK(unix_time.trace.requests[0].arrival_s == 0.5);
  CHECK(unix_time.trace.start_s == 1700000000);

  RequestReadOptions pattern;
  pattern.time_pattern = "%d.%m.%Y %H:%M";
  CHECK(must_read({{"t.csv", std::string(kOwn) + "\n01.02.2024 10:00,1,1\n01.02.2024 10:01,1,1\n"}}, "auto", pattern)
            .trace.requests[1]
            .arrival_s == 60);
}

TEST_CASE("several files are one trace in order of arrival") {
  const auto read = must_read({{"a.csv", std::string(kOwn) + ",session\n1,1,1,x\n3,3,1,y\n"},
                               {"b.csv", std::string(kOwn) + ",session\n2,2,1,y\n"}});
  const auto& r = read.trace.requests;
  REQUIRE(r.size() == 3);
  CHECK(r[1].prompt_tokens == 2);
  CHECK(r[1].session == 2);
  CHECK(r[2].session == 2);
}

TEST_CASE("every bad row is told by file, line, column and key, all at once") {
  const std::string text = must_fail({{"bad.csv", std::string(kOwn) + ",session,priority,hash_ids,answer_blocks\n"
                                                                      "x,1,1,,,,\n"
                                                                      "1,many,1,,,,\n"
                                                                      "1,1,-2,,,,\n"
                                                                      "1,1.5,2,,,,\n"
                                                                      "1,1,2,,256,,\n"
                                                                      "1,1,2,,,1 b,\n"
                                                                      "1,1,2,,,1 2,\n"
                                                                      "1,1,2,,,1,2\n"
                                                                      "1,1\n"
                                                                      "-1,1,1,,,,\n"
                                                                      "1,20000000,1,,,,\n"
                                                                      "1,0,x,,,,\n"
                                                                      "2023-01-01 00:00:00,1,1,,,,\n"}});
  const auto told = [&](const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  told("bad.csv:2:1: arrival_s: expected a time within 1e10 s of the start, found \"x\"");
  told("bad.csv:3:3: prompt_tokens: expected a whole number of tokens up to 10000000, found \"many\"");
  told("bad.csv:4:5: output_tokens");
  told("bad.csv:5:3: prompt_tokens");
  told("bad.csv:6:8: priority: expected a whole number from 0 to 255, found \"256\"");
  told("bad.csv:7:9: hash_ids: expected block hashes (whole numbers from 0), found \"1 b\"");
  told("bad.csv:8:9: hash_ids: 2 blocks of 512 tokens are more than the tokens of the row");
  told("bad.csv:9:11: answer_blocks");
  told("bad.csv:10");
  told("fewer cells than the header has columns");
  told("bad.csv:11:1: arrival_s");
  told("bad.csv:12:3: prompt_tokens");
  told("bad.csv:13:5: output_tokens");
  told("13 errors");
}

TEST_CASE("of very many bad rows the first twenty are listed and the others counted, they can be skipped") {
  std::string text = std::string(kOwn) + "\n0,1,1\n";
  for (int i = 0; i < 30; ++i) text += "1,x,1\n";
  const std::string told = must_fail({{"bad.csv", text}});
  CHECK(told.find("bad.csv:22:3") != std::string::npos);
  CHECK(told.find("bad.csv:23:3: prompt_tokens") == std::string::npos);
  CHECK(told.find("the last of 10 more bad rows") != std::string::npos);

  RequestReadOptions options;
  options.skip_bad = true;
  const auto read = must_read({{"bad.csv", text}}, "auto", options);
  CHECK(read.trace.requests.size() == 1);
  CHECK(read.report.skipped == 30);
  REQUIRE(read.report.reasons.size() == 1);
  CHECK(read.report.reasons[0].why == "prompt_tokens: expected a whole number of tokens up to 10000000");
  CHECK(read.report.reasons[0].first_place == "bad.csv:3");
}

TEST_CASE("bad JSON lines are told by place") {
  const std::string good = "{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": [1]}\n";
  const auto told = [&](const std::string& line, const std::string& part) {
    const std::string text = must_fail({{"m.jsonl", good + line + "\n"}});
    INFO(line << "\n" << text);
    CHECK(text.find("m.jsonl:2") != std::string::npos);
    CHECK(text.find(part) != std::string::npos);
  };
  told("{\"timestamp\": 0, \"input_length\": 5", "the object ends before it is complete");
  told("{\"timestamp\": 0, \"input_length\": }", "m.jsonl:2:34: is no JSON object from here on");
  told("[1, 2]", "m.jsonl:2:1: is no JSON object");
  told("{\"timestamp\": 0, \"input_length\": 5, \"output_lenght\": 5, \"hash_ids\": []}",
       "output_length: is missing in this line; is \"output_lenght\" meant?");
  told("{\"timestamp\": 0, \"timestamp\": 1, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": []}",
       "timestamp: stands twice");
  told("{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": [1,,2]}", "m.jsonl:2:69: hash_ids");
  told("{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": [-1]}", "hash_ids");
  told("{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": [1 2]} x", "from here on");
  told("{\"timestamp\": true, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": []}",
       "timestamp: expected a time");
}

TEST_CASE("files of no format, or of none that is known, say what is known") {
  CHECK(must_fail({{"x.csv", "a,b,c\n1,2,3\n"}}).find("azure (TIMESTAMP, ContextTokens, GeneratedTokens)") !=
        std::string::npos);
  CHECK(must_fail({{"x.jsonl", "{\"a\": 1}\n"}}).find("mooncake (timestamp, input_length") != std::string::npos);
  CHECK(must_fail({{"x.csv", "arrival_s,prompt_tokens,output_token\n"}}).find("output_tokens") != std::string::npos);
  CHECK(must_fail({{"x.csv", std::string(kOwn) + ",sesion\n1,1,1,a\n"}}).find("did you mean \"session\"?") !=
        std::string::npos);
  CHECK(must_fail({{"x.csv", "a\n1\n"}}, "azuer").find("did you mean \"azure\"?") != std::string::npos);
  CHECK(must_fail({{"x.csv", std::string(kOwn) + "\n"}}).find("holds no request") != std::string::npos);
  CHECK(must_fail({{"x.csv", "a,b\n1,2\n"}}, "mooncake").find("expected JSON lines") != std::string::npos);
  CHECK(must_fail({{"x.csv", std::string(kOwn) + "\n1,1,0\n"}}).find("x.csv:2 (no output tokens)") !=
        std::string::npos);
  CHECK(must_fail({{"a.csv", "# block_tokens: 16\n" + std::string(kOwn) + "\n1,1,1\n"},
                   {"b.csv", "# block_tokens: 32\n" + std::string(kOwn) + "\n1,1,1\n"}})
            .find("a file before has 16") != std::string::npos);
  for (const char* line : {"# block_tokens: x\n", "# block_tokens: 0\n", "# epoch: yesterday\n"})
    CHECK(must_fail({{"a.csv", "# mine\n" + (line + std::string(kOwn)) + "\n1,1,1\n"}}).find("a.csv:2") !=
          std::string::npos);
}

TEST_CASE("a JSON line is cut into its members, nested ones passed over whole") {
  std::vector<JsonMember> members;
  REQUIRE_FALSE(cut_json_line(" { \"a\" : 1 , \"b\":\"x\\\"y\", \"c\": [1, {\"d\": \"]\"}], \"e\": null } ", members));
  REQUIRE(members.size() == 4);
  CHECK(members[0].value == "1");
  CHECK(members[1].value == "x\\\"y");
  CHECK(members[1].text);
  CHECK(members[2].value == "[1, {\"d\": \"]\"}]");
  CHECK(members[3].value == "null");
  CHECK_FALSE(cut_json_line("{}", members));
  CHECK(members.empty());
  for (const char* bad : {"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":[1}", "{\"a\":[1}]}", "{\"a\":tru}",
                          "{\"a\":\"x}", "{\"a\":1}}", "{a:1}", "{\"a\" 1}", "{\"a\":\"\\"})
    CHECK(cut_json_line(bad, members));
}
