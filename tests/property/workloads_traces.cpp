// What holds for every trace: the order of rows leaves no mark, what is written reads back, and no input crashes.
#include <unistd.h>

#include <algorithm>
#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "workloads/traces/formats.hpp"
#include "workloads/traces/write_csv.hpp"

using namespace alight;

namespace {

namespace fs = std::filesystem;
namespace io = boost::iostreams;

/// A folder of its own, gone at the end of the case.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("alight-traces-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path put(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string packed(const std::string& text, const std::string& how) {
  std::string out;
  io::filtering_ostream stream;
  if (how == "gz") stream.push(io::gzip_compressor());
  if (how == "xz") stream.push(io::lzma_compressor());
  if (how == "zst") stream.push(io::zstd_compressor());
  stream.push(io::back_inserter(out));
  stream << text;
  stream.reset();
  return out;
}

/// Everything a run could see of a workload.
std::string everything(const Workload& w) {
  std::ostringstream out;
  write_csv(out, w);
  for (std::size_t i = 0; i < w.names.size(); ++i) out << w.names[static_cast<Names::Id>(i)] << '\n';
  for (const Job& j : w.jobs)
    out << j.user << ' ' << j.vc << ' ' << j.kinds << ' ' << j.stack << ' ' << j.traced_chip << ' ' << j.model << '\n';
  for (const auto& note : w.report.notes) out << note << '\n';
  out << w.report.taken << ' ' << w.report.skipped;
  return out.str();
}

struct Sample {
  const char* format;
  std::string header;
  std::vector<std::string> rows;
  std::string text() const {
    std::string all = header;
    for (const auto& row : rows) all += row;
    return all;
  }
};

/// Samples with ties, repeated ids and bad rows.
std::vector<Sample> samples() {
  std::vector<Sample> all{
      {"alight", "job_id,submit_s,chips,duration_s,user,vc,kinds\n", {}},
      {"philly", "timestamp,duration,num_gpus,gpu_time,cluster\n", {}},
      {"swf", "; MaxProcs: 64\n", {}},
      {"openb",
       "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_"
       "time\n",
       {}},
      {"helios", "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue\n", {}},
      {"sacct", "JobID|User|Partition|Submit|Start|End|ElapsedRaw|TimelimitRaw|State|AllocTRES\n", {}},
  };
  for (int i = 0; i < 60; ++i) {
    const auto n = [&](int k) { return std::to_string(i % k); };
    const std::string id = std::to_string(i == 50 ? 20 : i);
    const std::string clock = "2020-01-01 00:0" + n(5) + ":00";
    const std::string run = i == 33 ? "-5" : std::to_string(10 + i % 3);
    all[0].rows.push_back("j" + id + "," + n(5) + "," + n(4) + "," + run + ",u" + n(7) + ",v" + n(3) + ",A|B" + n(2) +
                          "\n");
    all[1].rows.push_back(clock + "," + run + "," + n(4) + ",0,vc" + n(3) + "\n");
    all[2].rows.push_back(id + " " + n(5) + " -1 " + run + " " + n(4) + " -1 -1 4 20 -1 1 " + n(7) + " 1 -1 " + n(3) +
                          " -1 -1 -1\n");
    all[3].rows.push_back("p" + id + ",1000,1024," + n(3) + ",1000,A" + n(2) + ",LS,Running," + n(5) + ",100," + n(5) +
                          "\n");
    all[4].rows.push_back(id + ",u" + n(7) + ",vc" + n(3) + "," + n(4) + ",2,1,COMPLETED," + clock + "," + clock + "," +
                          "2020-01-01 01:00:00,3000,0\n");
    all[5].rows.push_back(id + "|u" + n(7) + "|p" + n(3) + "|" + clock + "|" + clock + "|x|" + run +
                          "|10|COMPLETED|cpu=2,gres/gpu=" + n(4) + "\n");
  }
  return all;
}

}  // namespace

TEST_CASE("permuting the rows of a trace changes nothing") {
  for (const Sample& sample : samples()) {
    INFO(sample.format);
    const Format& format = *find_format(sample.format);
    const Input plain{"t", sample.text()};
    const auto first = format.read(Inputs(&plain, 1), {});
    REQUIRE(first);
    CHECK(first->report.taken > 20);
    CHECK(first->report.taken + first->report.skipped == 60);
    std::mt19937 shuffle(11);
    for (int turn = 0; turn < 20; ++turn) {
      Sample other = sample;
      std::shuffle(other.rows.begin(), other.rows.end(), shuffle);
      const Input mixed{"t", other.text()};
      const auto again = format.read(Inputs(&mixed, 1), {});
      REQUIRE(again);
      REQUIRE(everything(*again) == everything(*first));
    }
  }
}

TEST_CASE("a job table reads back as it was written, number for number") {
  std::mt19937_64 bits(5);
  std::uniform_real_distribution<double> uniform(0, 1e7);
  std::string text =
      "job_id,submit_s,chips,duration_s,estimate_s,kill_at_estimate,chip_milli,kinds,user,priority,"
      "status,cpu_milli,host_memory_mib,min_chip_memory_gb,shape\n";
  char row[512];
  for (int i = 0; i < 2000; ++i) {
    const char* statuses[] = {"unknown", "completed", "failed", "cancelled", "killed"};
    std::snprintf(row, sizeof row, "\"j,\"\"%d\",%.17g,1,%.17g,%.17g,%d,%d,\"A|B\",u %d,%d,%s,%d,%d,%.17g,one_server\n",
                  i, uniform(bits), uniform(bits), uniform(bits) + 1e-9, i % 2, 1 + i % 1000, i % 17, i % 5 - 2,
                  statuses[i % 5], i, i * 3, uniform(bits) / 1e5);
    text += row;
  }
  const Input given{"t", text};
  const auto once = read_alight(Inputs(&given, 1), {});
  REQUIRE(once);
  REQUIRE(once->report.taken == 2000);
  std::ostringstream written;
  write_csv(written, *once);
  const Input back{"t", written.str()};
  const auto twice = read_alight(Inputs(&back, 1), {});
  REQUIRE(twice);
  REQUIRE(everything(*twice) == everything(*once));
  for (std::size_t i = 0; i < once->jobs.size(); ++i) {
    const Job& a = once->jobs[i];
    const Job& b = twice->jobs[i];
    REQUIRE((a.submit_s == b.submit_s && a.duration_s == b.duration_s && a.estimate_s == b.estimate_s &&
             a.min_chip_memory_gb == b.min_chip_memory_gb && a.kill_at_estimate == b.kill_at_estimate));
  }
}

TEST_CASE("archives are read by content; cut or damaged ones are errors") {
  const Folder folder;
  std::string text = "job_id,submit_s,chips,duration_s\n";
  std::mt19937 dice(3);
  for (int i = 0; i < 20000; ++i)
    text += std::to_string(i) + "," + std::to_string(i) + ",1," + std::to_string(dice() % 100000) + "\n";
  for (const std::string how : {"gz", "xz", "zst"}) {
    INFO(how);
    const std::string whole = packed(text, how);
    const auto read = read_workload({folder.put("whole.csv", whole)});
    REQUIRE(read);
    CHECK(read->report.taken == 20000);
    const auto two = read_input(folder.put("two." + how, whole + packed("20001,1,1,1\n", how)));
    REQUIRE(two);
    CHECK(two->text.ends_with("\n20001,1,1,1\n"));
    for (const std::size_t cut : {whole.size() / 2, whole.size() - 3, whole.size() / 10, std::size_t{7}}) {
      const auto cut_off = read_input(folder.put("cut." + how, whole.substr(0, cut)));
      REQUIRE(!cut_off);
      CHECK(cut_off.problem().message.find("truncated or damaged") != std::string::npos);
    }
    std::string damaged = whole;
    damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
    damaged[whole.size() / 2 + 1] = static_cast<char>(damaged[whole.size() / 2 + 1] ^ 0x55);
    const auto spoilt = read_input(folder.put("damaged." + how, damaged));
    if (how != "zst") CHECK(!spoilt);  // without a checksum zstd cannot see every flipped bit
    const auto bomb = read_input(folder.put("bomb." + how, packed(std::string(8 << 20, 'a'), how)), 1 << 20);
    REQUIRE(!bomb);
    CHECK(bomb.problem().message.find("limit") != std::string::npos);
  }
}

TEST_CASE("what is no text file is said in one line") {
  const Folder folder;
  const auto message = [](const fs::path& path) {
    const auto read = read_workload({path});
    return read ? std::string("read") : read.problem().message;
  };
  CHECK(message(folder.path() / "absent.csv") == "no such file");
  CHECK(message(folder.path()) == "is a directory, not a file");
  CHECK(message(folder.put("empty.csv", "")) == "is empty");
  CHECK(message(folder.put("empty.gz", packed("", "gz"))) == "is empty");
  CHECK(message(folder.put("binary.csv", std::string("\x7f"
                                                     "ELF\0\1",
                                                     6))) == "is not a text file");
  CHECK(message(folder.put("late.csv", std::string(100000, 'a') + '\0')) == "is not a text file");
  CHECK(message(folder.put("blank.csv", "\n \n\n")) == "is of no format known by its content");
  CHECK_FALSE(read_workload({folder.put("a.csv", "a\n")}, "phily").problem().hint.empty());
  CHECK_FALSE(read_workload({}));
}

TEST_CASE("mutated traces never crash, and every row is accounted for") {
  std::vector<Sample> all = samples();
  all.push_back({"batsim",
                 R"({"nb_res":4,"profiles":{"d":{"type":"delay","delay":5}},"jobs":[)"
                 "\n",
                 {}});
  all.push_back({"philly-json", "[", {}});
  all.push_back({"pai2020", "", {}});
  for (int i = 0; i < 20; ++i) {
    const std::string id = std::to_string(i);
    const char* comma = i < 19 ? ",\n" : "\n";
    all[6].rows.push_back("{\"id\":\"" + id + "\",\"subtime\":" + id + ",\"res\":2,\"walltime\":9,\"profile\":\"d\"}" +
                          comma);
    all[7].rows.push_back(
        "{\"jobid\":\"a" + id +
        "\",\"submitted_time\":\"2017-10-07 01:11:39\",\"attempts\":[{\"start_time\":"
        "\"2017-10-07 01:12:09\",\"end_time\":\"2017-10-07 01:13:23\",\"detail\":[{\"gpus\":[\"g\"]}]}]}" +
        comma);
    all[8].rows.push_back("aaaaaaaaaaaaaaa" + id + ",w,1.0,Terminated,1,2,600.0,10.0,25.0,T4\n");
  }
  all[6].rows.push_back("]}");
  all[7].rows.push_back("]");
  const std::vector<std::string> poison{
      "nan", "-nan",     "inf",  "-1", "1e308",  "99999999999999999999", "",  "\"", "\0x", ",,,", "\n",
      "\r",  "\xff\xfe", "0x1F", "-0", "1e-320", "9223372036854775808",  "{", "[[", "|"};
  std::mt19937 dice(2);
  int runs = 0;
  for (const Sample& sample : all)
    for (int turn = 0; turn < 40; ++turn, ++runs) {
      std::string text = sample.text();
      for (int hits = 1 + turn % 4; hits > 0; --hits) {
        const std::size_t at = dice() % text.size();
        const std::string& bad = poison[dice() % poison.size()];
        switch (dice() % 4) {
          case 0:
            text.replace(at, std::min<std::size_t>(1 + dice() % 4, text.size() - at), bad);
            break;
          case 1:
            text.insert(at, bad);
            break;
          case 2:
            text.erase(at, 1 + dice() % 40);
            break;
          default:
            text[at] = static_cast<char>(dice());
            break;
        }
        if (text.empty()) text.push_back('x');
      }
      const Input input{"t", text};
      // Each sample by its own reader, and by one that is not meant for it.
      for (const Format* format :
           {find_format(sample.format), &formats()[static_cast<std::size_t>(runs) % formats().size()]}) {
        INFO(format->name << " on mutated " << sample.format << ":\n" << text);
        const auto read = format->read(Inputs(&input, 1), {});
        if (!read) {
          CHECK_FALSE(read.problem().message.empty());
          continue;
        }
        CHECK(read->report.taken == static_cast<std::int64_t>(read->jobs.size()));
        std::int64_t counted = 0;
        for (const auto& reason : read->report.reasons) counted += reason.rows;
        CHECK(counted == read->report.skipped);
        for (const Job& job : read->jobs)
          CHECK((job.submit_s >= 0 && job.submit_s <= 2e10 && job.duration_s >= 0 && job.duration_s <= 1e10 &&
                 job.chips >= 0));
      }
      (void)detect(input);
    }
  CHECK(runs == 360);
}

TEST_CASE("random bytes never crash") {
  const Folder folder;
  std::mt19937 dice(9);
  for (int turn = 0; turn < 60; ++turn) {
    std::string bytes(1 + dice() % 3000, '\0');
    for (char& c : bytes) c = static_cast<char>(dice());
    const std::string starts[] = {"", "\x1f\x8b\x08",
                                  std::string("\xfd"
                                              "7zXZ\0",
                                              6),
                                  "\x28\xb5\x2f\xfd", "\x50\x2a\x4d\x18"};
    const auto path = folder.put("r", starts[turn % 5] + bytes);
    const auto read = read_workload({path});
    if (!read) CHECK_FALSE(read.problem().message.empty());
    for (char& c : bytes) c = static_cast<char>(' ' + static_cast<unsigned char>(c) % 95);
    const Input text{"r", bytes};
    for (const Format& format : formats()) (void)format.read(Inputs(&text, 1), {});
  }
}
