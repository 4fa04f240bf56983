// What SimGrid makes of a platform, as text that two platforms can be compared by. Each engine lives in a child process
// of its own: SimGrid allows one per process.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platforms/simgrid/builder.hpp"
#include "platforms/simgrid/compat.hpp"

namespace alight::test {

/// What `body` returns when run in a child process, followed by what the child printed; nothing when the child crashed.
inline std::optional<std::string> in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    int status = 1;
    try {
      const std::string text = body();
      std::size_t done = 0;
      while (done < text.size()) {
        const ssize_t n = ::write(ends[1], text.data() + done, text.size() - done);
        if (n <= 0) _exit(2);
        done += static_cast<std::size_t>(n);
      }
      status = 0;
    } catch (...) {
    }
    _exit(status);
  }
  close(ends[1]);
  std::string text;
  char buffer[65536];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  fmt::print(stderr, "a child process failed, saying: {}\n", text);
  return std::nullopt;
}

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

inline std::string line_of(const std::string& link, double bytes_per_s, double latency_s, bool fatpipe = false) {
  return fmt::format("  {} {} {}{}\n", link, bytes_per_s, latency_s, fatpipe ? " fatpipe" : "");
}

/// One line per host of each pair and per link between them: name, bytes/s, s.
inline std::string routes_of(const std::vector<simgrid::s4u::Host*>& hosts, const Pairs& pairs) {
  std::string out;
  for (const auto& [a, b] : pairs) {
    const auto* from = hosts.at(static_cast<std::size_t>(a));
    const auto* to = hosts.at(static_cast<std::size_t>(b));
    std::vector<simgrid::s4u::Link*> links;
    double latency = 0;
    from->route_to(to, links, &latency);
    out +=
        fmt::format("{} {} x {} to {}\n", from->get_name(), from->get_speed(), from->get_core_count(), to->get_name());
    for (const auto* link : links)
      out += line_of(link->get_name(), link->get_bandwidth(), link->get_latency(),
                     link->get_sharing_policy() == simgrid::s4u::Link::SharingPolicy::FATPIPE);
  }
  return out;
}

/// Routes of the platform built from `site`.
inline std::optional<std::string> built_routes(const Site& site, const Pairs& pairs) {
  return in_child([&] {
    simgrid_compat::silence();
    simgrid::s4u::Engine engine("test");
    return routes_of(build_platform(site, engine).hosts, pairs);
  });
}

/// Routes of a platform file as SimGrid itself loads it; hosts by `names`.
inline std::optional<std::string> loaded_routes(const std::string& file, const std::vector<std::string>& names,
                                                const Pairs& pairs) {
  return in_child([&] {
    simgrid_compat::silence();
    simgrid::s4u::Engine engine("test");
    engine.load_platform(file);
    engine.seal_platform();
    std::vector<simgrid::s4u::Host*> hosts;
    for (const std::string& name : names) hosts.push_back(engine.host_by_name(name));
    return routes_of(hosts, pairs);
  });
}

}  // namespace alight::test
