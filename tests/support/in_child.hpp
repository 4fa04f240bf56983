// Runs something in a process of its own and brings back the numbers it returns: SimGrid allows one engine per process,
// and a test may need several runs.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <stdexcept>
#include <vector>

namespace alight::test {

/// What `work` returns, made in a child process. Throws where the child throws, crashes or writes short.
inline std::vector<double> in_child(const std::function<std::vector<double>()>& work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("in_child: no pipe");
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("in_child: no process");
  if (child == 0) {
    close(ends[0]);
    int failed = 1;
    try {
      const std::vector<double> numbers = work();
      std::FILE* out = fdopen(ends[1], "wb");
      failed = std::fwrite(numbers.data(), sizeof(double), numbers.size(), out) != numbers.size() || std::fclose(out);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "in_child: %s\n", e.what());
    }
    _exit(failed);
  }
  close(ends[1]);
  std::vector<double> numbers;
  std::FILE* in = fdopen(ends[0], "rb");
  for (double x = 0; std::fread(&x, sizeof x, 1, in) == 1;) numbers.push_back(x);
  std::fclose(in);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("in_child: the child failed");
  return numbers;
}

}  // namespace alight::test
