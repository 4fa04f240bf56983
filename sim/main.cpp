// The command line: which command, with which arguments. What commands do is in sim/cli/.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "sim/cli/catalog.hpp"
#include "sim/cli/commands.hpp"
#include "sim/config/include.hpp"
#include "sim/scenario/load.hpp"
#include "sim/version.hpp"

namespace {

using namespace alight;

// Everything a command line can say.
struct Arguments {
  cli::ScenarioArguments scenario;
  std::optional<std::filesystem::path> out;
  std::string format = "auto";
  std::vector<std::filesystem::path> files;
  std::vector<std::string> columns;
  std::string time_pattern;
  std::string key;
  std::string kind, name, table = "table";
  std::optional<std::filesystem::path> own_catalogue;
  cli::PredictArguments predict;
  cli::PlanArguments plan;
  cli::RequestsArguments requests;
  cli::GoodputArguments goodput;
};

void scenario_options(CLI::App* command, Arguments& a) {
  command->add_option("SCENARIO", a.scenario.file, "Scenario file; none: the scenario inside the binary");
  command->add_option("--set", a.scenario.overrides, "key=value, in place of what the file says")
      ->allow_extra_args(false);
  command->add_option("--seed", a.scenario.seed, "Seed of all random streams");
}

int catalog(const Arguments& a, bool show) {
  Diagnostics diagnostics;
  std::optional<Node> own;
  if (a.own_catalogue)
    if (const auto loaded = load_config(*a.own_catalogue, diagnostics)) own = loaded->root;
  const Catalogue catalogue = load_catalogue(own ? &*own : nullptr, diagnostics);
  if (!diagnostics.ok()) {
    diagnostics.print(std::cerr);
    return cli::kBadInput;
  }
  const auto format = parse_catalog_format(a.table);
  if (!format) {
    std::cerr << "--format: \"" << a.table << "\" is not one of table, json, csv\n";
    return cli::kBadInput;
  }
  return show ? catalog_show(catalogue, a.name, *format, std::cout, std::cerr)
              : catalog_list(catalogue, a.kind, *format, std::cout, std::cerr);
}

CLI::App* plan_command(CLI::App& app, cli::PlanArguments& a) {
  CLI::App* plan = app.add_subcommand("plan", "Find the fastest layout to train a model on some chips");
  plan->add_option("MODEL", a.model, "A model of the zoo")->required();
  plan->add_option("--chips", a.chips, "\"1024 x A100 SXM4 80GB\", \"512 x Ascend 910B3 + 512 x H20 [fp8]\"")
      ->required();
  plan->add_option("--global-batch", a.global_batch, "Sequences of a step")->required();
  plan->add_option("--sequence", a.sequence, "Tokens of a sequence; default 4096, or what the model is made for");
  plan->add_option("--precision", a.precision, "fp16, bf16, fp8, mxfp8, nvfp4 or int8; default bf16");
  plan->add_option("--inter", a.inter, "Path between kinds of chip, \"25 GB/s staged\"; default their own networks");
  plan->add_option("--top", a.top, "Layouts to print; default 10");
  plan->add_option("--threads", a.threads, "Threads to search with; the result is the same; default 2");
  plan->add_option("--out", a.out, "A CSV file for everything that was looked at");
  plan->add_option("--with", a.own_catalogue, "A file of your own catalogue entries");
  plan->add_option("--models", a.own_models, "A file with models of your own");
  return plan;
}

CLI::App* requests_command(CLI::App& app, cli::RequestsArguments& a) {
  CLI::App* requests = app.add_subcommand("requests", "LLM requests of a trace or a generator: statistics, a table");
  requests->add_option("SOURCE", a.source, "A trace, plain or compressed; or a YAML file with the keys of `requests`")
      ->required();
  requests->add_option("--format", a.format, "azure, mooncake, burstgpt, csv, jsonl or auto");
  requests->add_option("--column", a.columns, "ours=theirs[:unit]")->allow_extra_args(false);
  requests->add_option("--time-pattern", a.time_pattern, "How times are written (strptime)");
  requests->add_option("--set", a.overrides, "key=value of `requests`: rate, window.from, requests, repeat ...")
      ->allow_extra_args(false);
  requests->add_option("--seed", a.seed, "Seed of a generator's random streams; default 1");
  requests->add_option("--out", a.out, "The table of requests to write");
  return requests;
}

CLI::App* goodput_command(CLI::App& app, Arguments& a) {
  CLI::App* goodput = app.add_subcommand("goodput", "A service at rising rates, and the highest it keeps its SLO at");
  scenario_options(goodput, a);
  goodput->add_option("--service", a.goodput.service, "Its name; default the scenario's first");
  goodput
      ->add_option("--rates", a.goodput.rates, "Requests a second to look at first; default 1/2, 1 and 2 times its own")
      ->delimiter(',');
  goodput->add_option("--least", a.goodput.least, "Share of requests that must be good; default 0.9");
  goodput->add_option("--within", a.goodput.within, "How near to the highest rate, as a share; default 0.02");
  goodput->add_option("--out", a.goodput.out, "A CSV file, one rate a row");
  return goodput;
}

int dispatch(int argc, char** argv) {
  CLI::App app("alight: what is lit in an AI datacenter, what is dark, and why");
  app.set_version_flag("--version", std::string("alight ") + kVersion + " on SimGrid " + simgrid_version());
  app.require_subcommand(1);
  Arguments a;

  CLI::App* run = app.add_subcommand("run", "Play a scenario and account for every chip-second");
  scenario_options(run, a);
  run->add_option("--out", a.out, "Folder for the outputs; default runs/NAME-HASH");

  CLI::App* check = app.add_subcommand("check", "Read a scenario and print its sizes; run nothing");
  scenario_options(check, a);

  CLI::App* import = app.add_subcommand("import", "Turn a trace into alight's own job table");
  import->add_option("FORMAT", a.format, "philly, helios, acme, openb, pai2020, swf, sacct, batsim ... or auto")
      ->required();
  import->add_option("FILE", a.files, "The trace, plain or compressed")->required();
  import->add_option("--out", a.out, "The job table to write")->required();
  import->add_option("--column", a.columns, "ours=theirs[:unit], for format generic")->allow_extra_args(false);
  import->add_option("--time-pattern", a.time_pattern, "How times are written (strptime), for format generic");

  CLI::App* requests = requests_command(app, a.requests);

  CLI::App* goodput = goodput_command(app, a);

  CLI::App* workload = app.add_subcommand("workload", "Write a scenario's jobs as alight's own job table");
  scenario_options(workload, a);
  workload->add_option("--out", a.out, "The job table to write")->required();

  CLI::App* catalogue = app.add_subcommand("catalog", "Chips, servers, links, prices ... with their sources");
  catalogue->require_subcommand(1);
  CLI::App* list = catalogue->add_subcommand("list", "The entries of a kind; without one, the kinds");
  list->add_option("KIND", a.kind,
                   "chips, servers, links, switches, nics, cooling, fabrics, kernels, software, prices, facts");
  CLI::App* show = catalogue->add_subcommand("show", "One entry, every value with its source");
  show->add_option("NAME", a.name, "Name or alias")->required();
  for (CLI::App* command : {list, show}) {
    command->add_option("--format", a.table, "table, json or csv");
    command->add_option("--with", a.own_catalogue, "A file of your own entries");
  }

  CLI::App* model = app.add_subcommand("model", "The model zoo: architectures, their sizes and sources");
  model->require_subcommand(1);
  CLI::App* models = model->add_subcommand("list", "Models by name, vendor or alias");
  models->add_option("PATTERN", a.name, "Words the name holds; none: all");
  CLI::App* one_model = model->add_subcommand("show", "One model: shape, parameters, FLOPs per token, source");
  one_model->add_option("NAME", a.name, "Name or alias")->required();
  for (CLI::App* command : {models, one_model})
    command->add_option("--with", a.own_catalogue, "A file with `models:` of your own");

  CLI::App* explain = app.add_subcommand("explain", "What a key of the scenario means");
  explain->add_option("KEY", a.key, "site.pools[].server; none: all keys");

  CLI::App* schema = app.add_subcommand("schema", "JSON schema of scenarios, for editors");
  CLI::App* reference = app.add_subcommand("reference", "All keys of a scenario, as a page of Markdown");

  CLI::App* platform = app.add_subcommand("platform", "The site as SimGrid sees it");
  platform->require_subcommand(1);
  CLI::App* exported = platform->add_subcommand("export", "Write the site as a SimGrid platform file");
  scenario_options(exported, a);
  exported->add_option("--simgrid-xml", a.out, "The file to write")->required();

  CLI::App* predict = app.add_subcommand("predict", "Predict times without a run");
  predict->require_subcommand(1);
  CLI::App* collective = predict->add_subcommand("collective", "Collective operations: all-reduce, all-to-all ...");
  CLI::App* training = predict->add_subcommand("training", "Training steps, one configuration a row");
  CLI::App* serving = predict->add_subcommand("serving", "Inference services, one benchmark a row");
  for (CLI::App* command : {collective, training, serving}) {
    command->add_option("--cases", a.predict.cases, "A CSV file of cases, one a row")->required();
    command->add_option("--out", a.predict.out, "The CSV file to write")->required();
    CLI::Option* with = command->add_option("--with", a.predict.own_catalogue, "A file of your own catalogue entries");
    CLI::Option* site = command->add_option("--site", a.predict.site, "A scenario: the cases run on its site");
    command->add_option("--pool", a.predict.pool, "In this pool of the site; default: the first with a case's chip");
    command->add_option("--set", a.predict.overrides, "key=value, in place of what the scenario says")
        ->allow_extra_args(false);
    site->excludes(with);
  }
  for (CLI::App* command : {training, serving})
    command->add_option("--models", a.predict.own_models, "A file with `models:` of your own")
        ->excludes(command->get_option("--site"));

  CLI::App* plan = plan_command(app, a.plan);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? cli::kDone : cli::kBadInput;
  }
  if (*run) return cli::run(a.scenario, a.out);
  if (*check) return cli::check(a.scenario);
  if (*import) return cli::import_trace(a.format, a.files, *a.out, a.columns, a.time_pattern);
  if (*requests) return cli::requests(a.requests);
  if (*goodput) {
    a.goodput.scenario = a.scenario;
    return cli::goodput(a.goodput);
  }
  if (*workload) return cli::export_workload(a.scenario, *a.out);
  if (*catalogue) return catalog(a, show->parsed());
  if (*models) return cli::model_list(a.name, a.own_catalogue);
  if (*one_model) return cli::model_show(a.name, a.own_catalogue);
  if (*explain) return cli::explain_key(a.key);
  if (*schema) return cli::print_schema();
  if (*reference) return cli::print_reference();
  if (*collective) return cli::predict_collective(a.predict);
  if (*training) return cli::predict_training(a.predict);
  if (*serving) return cli::predict_serving(a.predict);
  if (*plan) return cli::plan(a.plan);
  if (*platform) return cli::export_platform(a.scenario, *a.out);
  return cli::kBadInput;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "alight: internal error: " << e.what()
              << "\nThis is a bug of ours; please report it with the scenario.\n";
    return cli::kBug;
  }
}
