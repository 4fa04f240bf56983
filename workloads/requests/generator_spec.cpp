// The keys of a generator of requests.
#include "workloads/requests/generator.hpp"
#include "workloads/requests/intake.hpp"

namespace alight {

namespace {

constexpr double kLongestSeconds = 1e10;
constexpr double kMostTokens = static_cast<double>(RequestIntake::kMostTokens);

void check(const RequestGeneratorSpec& spec, const std::string& path, Diagnostics& diagnostics) {
  if (spec.lengths_from) {
    for (const auto& [key, given] : {std::pair{"prompt", spec.prompt.has_value()}, {"output", spec.output.has_value()}})
      if (given) diagnostics.error_at(join_key(path, key), "`lengths_from` already says the lengths");
  } else {
    for (const auto& [key, given] : {std::pair{"prompt", spec.prompt.has_value()}, {"output", spec.output.has_value()}})
      if (!given)
        diagnostics.error_at(join_key(path, key), "is missing: say how long, or draw from a trace by `lengths_from`");
  }
  if (!spec.rate_per_s && !spec.requests)
    diagnostics.error_at(path, "states no rate", "give `rate`, or `requests` over a `horizon`");
}

}  // namespace

const Description& SessionSpec::description() {
  static const auto d =
      describe<SessionSpec>("request sessions",
                            "Conversations: the prompt of a turn is all that was said before and the user's new text.")
          .object("turns", &SessionSpec::turns, "Turns of a conversation.")
          .required()
          .quantity("think", &SessionSpec::think_s, "s", "Median time from the end of an answer to the next turn.",
                    {.min = 0, .max = kLongestSeconds})
          .number("think_sigma", &SessionSpec::think_sigma,
                  "Standard deviation of the logarithm of that time, which is lognormal; 0: always the median.",
                  {.min = 0, .max = 10})
          .quantity("token", &SessionSpec::token_s, "s",
                    "Time taken for a token of an answer: arrivals are fixed before anything is served.",
                    {.min = 0, .max = 1e3})
          .integer("longest_prompt", &SessionSpec::longest_prompt,
                   "A turn whose prompt would have more tokens ends the conversation before it.",
                   {.min = 1, .max = kMostTokens})
          .check([](const SessionSpec& s, const std::string& path, Diagnostics& diagnostics) {
            constexpr double kMostTurns = 10000;
            if (LengthLaw(s.turns).mean() > kMostTurns)
              diagnostics.error_at(join_key(path, "turns"), "are more than 10000 on average");
          })
          .done();
  return d;
}

const Description& SystemPromptSpec::description() {
  static const auto d =
      describe<SystemPromptSpec>("system prompt", "Text before every prompt, shared by all that have it.")
          .integer("tokens", &SystemPromptSpec::tokens, "Its tokens.", {.min = 0, .max = kMostTokens})
          .integer("variants", &SystemPromptSpec::variants,
                   "How many different ones there are; a conversation keeps its own.", {.min = 1, .max = 100000})
          .number("skew", &SystemPromptSpec::skew, "The k-th variant is used in proportion to k^-skew; 0: all alike.",
                  {.min = 0, .max = 10})
          .shorthand("tokens")
          .check([](const SystemPromptSpec& s, const std::string& path, Diagnostics& diagnostics) {
            constexpr double kMost = 1e9;
            if (static_cast<double>(s.tokens) * static_cast<double>(s.variants) > kMost)
              diagnostics.error_at(join_key(path, "variants"), "hold more than 1e9 tokens in all");
          })
          .done();
  return d;
}

const Description& RequestGeneratorSpec::description() {
  static const auto d =
      describe<RequestGeneratorSpec>("request generator", "Requests made of laws of their arrivals and lengths.")
          .quantity("rate", &RequestGeneratorSpec::rate_per_s, "/s", "Requests, mean over a week.",
                    {.min = 0, .max = 1e6, .above_min = true})
          .integer("requests", &RequestGeneratorSpec::requests, "How many come, at most.",
                   {.min = 1, .max = kMostRequests})
          .quantity("horizon", &RequestGeneratorSpec::horizon_s, "s",
                    "Requests come before this; unless given, before the end of the run.",
                    {.min = 0, .max = kLongestSeconds, .above_min = true})
          .object("arrivals", &RequestGeneratorSpec::arrivals, "When requests, or conversations, begin.")
          .object("prompt", &RequestGeneratorSpec::prompt, "Tokens a user writes in a turn.")
          .object("output", &RequestGeneratorSpec::output, "Tokens of an answer.")
          .text("lengths_from", &RequestGeneratorSpec::lengths_from,
                "A trace of requests; the lengths of a turn are those of a row of it, drawn at random.")
          .object("system_prompt", &RequestGeneratorSpec::system_prompt, "Text before every prompt.")
          .object("sessions", &RequestGeneratorSpec::sessions, "Conversations; none: every request stands alone.")
          .integer("block_tokens", &RequestGeneratorSpec::block_tokens,
                   "Tokens of a block of a prompt, the least that can be found again.", {.min = 1, .max = 1048576})
          .check(check)
          .done();
  return d;
}

}  // namespace alight
