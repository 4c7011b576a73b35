/**
 * Measures how fast files are loaded, compared with Postgres itself (`psql \copy`), or with our own
 * run without whatever makes the workload special.
 *
 *     scripts/deno task bench                       a million rows, seven pairs each: half an hour
 *     scripts/deno task bench --quick               100,000 rows, two minutes, no verdicts
 *     scripts/deno task bench --only 'fresh insert' --rows 300000
 *
 * It fails if a table doesn't contain what it should. A missed bar is only a line in the result.
 */
import type { Bench } from "./bench/bench.ts";
import { withBench } from "./bench/with_bench.ts";
import { FIGURES } from "./bench/figures/all.ts";
import { MEMORY } from "./bench/figures/memory.ts";
import { PLANNING } from "./bench/figures/planning.ts";
import { describeMachine } from "./bench/machine.ts";
import { type BenchOptions, parseOptions, USAGE, WrongUsage } from "./bench/options.ts";
import { PROFILED, profileRun, type RunProfile } from "./bench/profile/profiled_run.ts";
import type { BenchResult, FigureResult, WorkloadResult } from "./bench/result.ts";
import { toWorkloadResult } from "./bench/result.ts";
import { failureOf, rowsOf, runRounds } from "./bench/rounds.ts";
import { renderFigures, renderProfiles, renderWorkloads } from "./bench/tables.ts";
import { type Group, GROUPS, WORKLOADS } from "./bench/workloads/all.ts";
import type { Workload } from "./bench/workloads/workload.ts";

const MEASURED_LARGE = [MEMORY, PLANNING];

async function main(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = parseOptions(args);
  if (options.help) return console.log(USAGE);
  assertNamed(options);
  const log = (line: string) => console.log(line);
  await withBench({ ...options, signal, log }, async (bench) => {
    log(describeMachine(bench.machine));
    if (options.profile !== null) return await saveProfiles(bench, options.profile);
    const { psql, pgloader } = bench.machine;
    const notes = [
      ...(psql === null
        ? ["\\copy was not measured: psql is not installed (Debian: postgresql-client)."]
        : []),
      ...(pgloader === null
        ? ["pgloader was not measured: it is not installed (Debian: pgloader)."]
        : []),
      ...(options.large || !MEASURED_LARGE.some(({ name }) => isWanted(name, options))
        ? []
        : ["Ten times the rows and planning were not measured: use --large."]),
    ];
    const { workloads, failures } = await compareAll(options, bench);
    const figures = await measureFigures(options, bench, failures);
    const profiles = await profileAll(options, bench, failures);
    const result: BenchResult = {
      at: new Date().toISOString(),
      machine: bench.machine,
      rows: options.rows,
      pairs: options.pairs,
      workers: options.workers,
      workloads,
      figures,
      profiles,
      notes,
    };
    if (workloads.length > 0) log(`\n${renderWorkloads(workloads)}`);
    if (figures.length > 0) log(`\n${renderFigures(figures)}`);
    if (profiles.length > 0) log(`\n${renderProfiles(profiles)}`);
    log(["", ...notes, ""].join("\n"));
    log(`Wrote ${await keep(result)}`);
    if (failures.length > 0) throw new Error(`\nFAILED:\n  ${failures.join("\n  ")}`);
  });
}

interface Compared {
  readonly workloads: WorkloadResult[];
  /** What went wrong, to which the figures and profiles add theirs. */
  readonly failures: string[];
}

async function compareAll(options: BenchOptions, bench: Bench): Promise<Compared> {
  const wanted = WORKLOADS.filter((workload) => isWantedWorkload(workload, options));
  const { loads, failures } = await runRounds(wanted, options.pairs, bench);
  const workloads = wanted.flatMap((workload) => {
    const [ours, reference] = [workload.ours, workload.reference].map((measurement) => {
      const found = loads.get(measurement);
      return found === undefined ? null : { name: measurement.name, loads: found };
    });
    const rows = rowsOf(workload.ours, options.rows);
    return ours === null ? [] : [toWorkloadResult(workload, rows, ours, reference)];
  });
  return { workloads, failures: [...failures] };
}

async function measureFigures(
  options: BenchOptions,
  bench: Bench,
  failures: string[],
): Promise<FigureResult[]> {
  const results: FigureResult[] = [];
  for (const figures of FIGURES.filter(({ name }) => isWanted(name, options))) {
    bench.log(`Measuring ${figures.name}`);
    try {
      results.push(...await figures.measure(bench, options));
    } catch (error) {
      failures.push(failureOf(figures.name, error, bench));
    }
  }
  return results;
}

const STAGES = "stages";

async function profileAll(
  options: BenchOptions,
  bench: Bench,
  failures: string[],
): Promise<RunProfile[]> {
  if (!isWanted(STAGES, options)) return [];
  const profiles: RunProfile[] = [];
  for (const profiled of PROFILED) {
    bench.log(`Profiling a ${profiled.file}`);
    const folder = await Deno.makeTempDir({ dir: bench.temporary });
    try {
      profiles.push(await profileRun(bench, profiled, folder));
    } catch (error) {
      failures.push(failureOf(`profile of a ${profiled.file}`, error, bench));
    }
  }
  return profiles;
}

/** Saves profiles for Chrome's developer tools (Performance) and other readers of `.cpuprofile`. */
async function saveProfiles(bench: Bench, parent: string): Promise<void> {
  await Deno.mkdir(parent, { recursive: true });
  const profiles: RunProfile[] = [];
  for (const profiled of PROFILED) {
    // In a folder of its own, because files of an earlier profile would be taken for threads of it.
    const folder = await Deno.makeTempDir({ dir: parent, prefix: `${profiled.importer}-` });
    profiles.push(await profileRun(bench, profiled, folder));
    bench.log(`Wrote a profile for the main thread and for each worker: ${folder}`);
  }
  bench.log(`\n${renderProfiles(profiles)}\n`);
}

/** Throws WrongUsage if `--only` has a text that no name contains. */
function assertNamed({ only }: BenchOptions): void {
  const figures = [...FIGURES.map(({ name }) => name), STAGES];
  const names = [...WORKLOADS.map(({ name }) => name), ...figures];
  const unknown = only.find((part) =>
    !(part in GROUPS) && !names.some((name) => name.includes(part))
  );
  if (unknown === undefined) return;
  const groups = Object.entries(GROUPS).map(([group, workloads]) =>
    `${group}:\n  ${workloads.map(({ name }) => name).join("\n  ")}`
  );
  throw new WrongUsage(
    `--only: nothing is called ${JSON.stringify(unknown)}. There are five groups of workloads\n` +
      `and some figures:\n\n${groups.join("\n")}\nfigures:\n  ${figures.join("\n  ")}`,
  );
}

function isWantedWorkload(workload: Workload, options: BenchOptions): boolean {
  if (isWanted(workload.name, options)) return true;
  return options.only.some((part) => part in GROUPS && GROUPS[part as Group].includes(workload));
}

function isWanted(name: string, { only }: BenchOptions): boolean {
  return only.length === 0 || only.some((part) => name.includes(part));
}

async function keep(result: BenchResult): Promise<string> {
  await Deno.mkdir("bench-results", { recursive: true });
  const path = `bench-results/${result.at.replaceAll(":", "-")}.json`;
  await Deno.writeTextFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

// When a signal ends the benchmark, it still stops its server and removes its files.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => stop.abort(new Error("interrupted")));
}
try {
  await main(Deno.args, stop.signal);
  Deno.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof WrongUsage) console.error("See --help.");
  Deno.exit(1);
}
