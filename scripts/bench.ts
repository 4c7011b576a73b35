/**
 * How fast files are loaded, beside what Postgres itself needs for the same (`psql \copy`), and
 * beside our own run without whatever makes a workload special.
 *
 *     scripts/deno task bench                       a million rows, seven pairs each: half an hour
 *     scripts/deno task bench --quick               100,000 rows, under a minute, judges nothing
 *     scripts/deno task bench --only 'fresh insert' --rows 300000
 *
 * It fails if a table is not what it has to be; a bar that isn't reached is a line in the table.
 */
import { type Bench, withBench } from "./bench/bench.ts";
import { describeMachine } from "./bench/machine.ts";
import { type BenchOptions, parseOptions, USAGE, WrongUsage } from "./bench/options.ts";
import { type BenchResult, toWorkloadResult, type WorkloadResult } from "./bench/result.ts";
import { isThere, runRounds } from "./bench/rounds.ts";
import { renderWorkloads } from "./bench/tables.ts";
import { WORKLOADS } from "./bench/workloads/all.ts";

async function main(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = parseOptions(args);
  const log = (line: string) => console.log(line);
  await withBench({ ...options, signal, log }, async (bench) => {
    log(describeMachine(bench.machine));
    const workloads = await compareAll(options, bench);
    const result: BenchResult = {
      at: new Date().toISOString(),
      machine: bench.machine,
      rows: options.rows,
      pairs: options.pairs,
      workers: options.workers,
      workloads,
      figures: [],
      stages: [],
      notes: [],
    };
    log(`\n${renderWorkloads(workloads)}\n`);
    log(`Written: ${await keep(result)}`);
  });
}

async function compareAll(options: BenchOptions, bench: Bench): Promise<WorkloadResult[]> {
  const workloads = WORKLOADS.filter(({ name }) => isWanted(name, options));
  const loads = await runRounds(workloads, options.pairs, bench);
  return workloads.map((workload) => {
    const { ours, reference } = workload;
    return toWorkloadResult(
      workload,
      options.rows,
      { name: ours.name, loads: loads.get(ours)! },
      isThere(reference, bench) ? { name: reference.name, loads: loads.get(reference)! } : null,
    );
  });
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

// Ended by a signal, it still stops its server and removes its files.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => stop.abort(new Error("interrupted")));
}
try {
  await main(Deno.args, stop.signal);
  Deno.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof WrongUsage) console.error(USAGE);
  Deno.exit(1);
}
