// The real binary, run as a user would, in a folder of its own and with a time limit.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace alight::test {

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

inline void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

/// A folder that is gone when the test is.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "alight-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// How a command ended.
struct Outcome {
  int code = -1;   ///< exit code; -1 where a signal ended it or time ran out
  int signal = 0;  ///< the signal that ended it
  bool hung = false;
  std::string out, err;
  std::string text() const {
    return (hung     ? "hung"
            : signal ? "signal " + std::to_string(signal)
                     : "exit " + std::to_string(code)) +
           "\nstdout: " + out.substr(0, 600) + "\nstderr: " + err.substr(0, 3000);
  }
};

/// Runs `binary` with `arguments` in `folder` and kills it after `limit_s`. `meanwhile`, called every few milliseconds,
/// may send it signals.
inline Outcome run_binary(const std::string& binary, const std::vector<std::string>& arguments,
                          const std::filesystem::path& folder, double limit_s = 10,
                          const std::function<void(pid_t)>& meanwhile = {}) {
  const auto out_file = folder / ".stdout", err_file = folder / ".stderr";
  std::vector<char*> argv = {const_cast<char*>(binary.c_str())};
  for (const auto& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    const int in = open("/dev/null", O_RDONLY);
    const int out = open(out_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err = open(err_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (chdir(folder.c_str()) != 0) _exit(127);
    execv(binary.c_str(), argv.data());
    _exit(127);
  }
  Outcome o;
  int status = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(limit_s);
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      o.hung = true;
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      break;
    }
    if (meanwhile) meanwhile(child);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (WIFEXITED(status)) o.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status) && !o.hung) o.signal = WTERMSIG(status);
  o.out = text_of(out_file);
  o.err = text_of(err_file);
  return o;
}

/// For run_binary(): interrupts the child, once, as soon as there is something in `file`, and says so in `sent`, which
/// outlives the call.
inline std::function<void(pid_t)> interrupt_once_written(std::filesystem::path file, bool& sent) {
  return [file = std::move(file), &sent](pid_t child) {
    std::error_code none;
    if (sent || !std::filesystem::exists(file) || std::filesystem::file_size(file, none) == 0) return;
    sent = true;
    kill(child, SIGINT);
  };
}

}  // namespace alight::test
