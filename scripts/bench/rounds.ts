/**
 * Measures the workloads in rounds. In each round, the measurements that start from the same state
 * follow one another, and every second round reverses their order. So if the machine gets slower
 * for a while, both sides of a pair do, and neither side is always first.
 */
import type { Bench } from "./bench.ts";
import { describeContent, isSame, readContent } from "./content.ts";
import type { Load } from "./programs/process.ts";
import { EMPTY } from "./states.ts";
import type { Measurement, Workload } from "./workloads/workload.ts";

export interface Rounds {
  /** The loads of each measurement that hasn't failed, in the order of the rounds. */
  readonly loads: ReadonlyMap<Measurement, readonly Load[]>;
  /** What went wrong. Others are measured nevertheless: all rounds together take long. */
  readonly failures: readonly string[];
}

export async function runRounds(
  workloads: readonly Workload[],
  pairs: number,
  bench: Bench,
): Promise<Rounds> {
  const turns = inTurn(workloads, (measurement) => isThere(measurement, bench));
  const loads = new Map<Measurement, Load[]>();
  const failed = new Map<Measurement, string>();
  if (turns.length === 0) return { loads, failures: [] };
  await warmUp(bench);
  for (let round = 1; round <= pairs; round++) {
    bench.log(`Round ${round} of ${pairs}`);
    for (const turn of turns) {
      for (const measurement of round % 2 === 1 ? turn : turn.toReversed()) {
        if (failed.has(measurement)) continue;
        try {
          const load = await measureOnce(measurement, bench);
          loads.set(measurement, [...loads.get(measurement) ?? [], load]);
          bench.log(`  ${measurement.name}: ${describeLoad(load)}`);
        } catch (error) {
          failed.set(measurement, failureOf(measurement.name, error, bench));
          loads.delete(measurement);
        }
      }
    }
  }
  return { loads, failures: [...failed.values()] };
}

export function isThere({ needs }: Measurement, { machine }: Bench): boolean {
  return needs === null || (machine[needs] ?? null) !== null;
}

/** Says and returns what went wrong, so that the benchmark goes on. Throws if it was interrupted. */
export function failureOf(name: string, error: unknown, { signal, log }: Bench): string {
  signal.throwIfAborted();
  const failure = `${name}: ${error instanceof Error ? error.message : error}`;
  log(`  FAILED: ${failure}`);
  return failure;
}

function describeLoad({ seconds, cpuSeconds }: Load): string {
  const cpu = cpuSeconds === null ? "" : `, its CPU ${cpuSeconds.toFixed(2)} s`;
  return `${seconds.toFixed(2)} s${cpu}`;
}

/** The number of rows in its file. */
export function rowsOf({ rows }: Measurement, usual: number): number {
  return rows === undefined ? usual : rows(usual);
}

/** The first run on a machine compiles the program, and the first on a server reads its files. */
async function warmUp(bench: Bench): Promise<void> {
  const { states, files, ingest, folders } = bench;
  const rows = 1000;
  const file = await files.get("valid", rows);
  const args = ["run", "insert", "--file", file.path, "--importers", folders.importers];
  await ingest.load(await states.restore(EMPTY, bench), args, { created: rows });
}

/**
 * The different measurements, grouped by the state that they start from. Those of a pair are as
 * close together as possible; a measurement that several pairs share can be close to only one.
 */
export function inTurn(
  workloads: readonly Workload[],
  isThere: (measurement: Measurement) => boolean,
): readonly (readonly Measurement[])[] {
  const byState = Map.groupBy(
    new Set(workloads.flatMap(({ ours, reference }) => [ours, reference]).filter(isThere)),
    ({ state }) => state,
  );
  return [...byState.values()];
}

/** Throws if the table doesn't contain afterwards what it should. */
async function measureOnce(measurement: Measurement, usual: Bench): Promise<Load> {
  const { state, table = "customers" } = measurement;
  const bench = { ...usual, rows: rowsOf(measurement, usual.rows) };
  const expected = await measurement.expected(bench);
  const database = await bench.states.restore(state, bench);
  const load = await measurement.run(database, bench);
  const found = await readContent(database.session, table);
  if (!isSame(found, expected)) {
    throw new Error(
      `the table has ${describeContent(found)}, expected ${describeContent(expected)}`,
    );
  }
  await measurement.check?.(database, bench);
  return load;
}
