/**
 * The workloads in rounds. What has to be measured from the same state is measured in turn, each
 * second round the other way round, so that whatever makes the machine slower for a while makes
 * both sides of a pair slower, and neither is always the first.
 */
import type { Bench } from "./bench.ts";
import { describeContent, isSame, readContent } from "./content.ts";
import type { Load } from "./programs/process.ts";
import { EMPTY } from "./states.ts";
import type { Measurement, Workload } from "./workloads/workload.ts";

/** Each measurement's loads, in the order of the rounds. */
export type Loads = ReadonlyMap<Measurement, readonly Load[]>;

export async function runRounds(
  workloads: readonly Workload[],
  pairs: number,
  bench: Bench,
): Promise<Loads> {
  const turns = inTurn(workloads, (measurement) => isThere(measurement, bench));
  const loads = new Map<Measurement, Load[]>();
  if (turns.length === 0) return loads;
  await warmUp(bench);
  for (let round = 1; round <= pairs; round++) {
    bench.log(`Round ${round} of ${pairs}`);
    for (const turn of turns) {
      for (const measurement of round % 2 === 1 ? turn : turn.toReversed()) {
        const load = await measureOnce(measurement, bench);
        loads.set(measurement, [...loads.get(measurement) ?? [], load]);
        bench.log(`  ${measurement.name}: ${load.seconds.toFixed(2)} s`);
      }
    }
  }
  return loads;
}

export function isThere({ needs }: Measurement, { machine }: Bench): boolean {
  return needs === null || machine[needs] !== null;
}

/** The first run of a program on a machine compiles it, and the first of a server reads it. */
async function warmUp(bench: Bench): Promise<void> {
  const { states, files, ingest, folders } = bench;
  const rows = 1000;
  const file = await files.get("valid", rows);
  const args = ["run", "insert", "--file", file.path, "--importers", folders.importers];
  await ingest.load(await states.restore(EMPTY, bench), args, { created: rows });
}

/**
 * The different measurements, those from the same state together. Those of a pair follow each other
 * as closely as what they share with other pairs lets them.
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

/** Throws if the table isn't afterwards what it has to be. */
async function measureOnce(measurement: Measurement, bench: Bench): Promise<Load> {
  const { name, state } = measurement;
  const expected = await measurement.expected(bench);
  const database = await bench.states.restore(state, bench);
  const load = await measurement.run(database, bench);
  const found = await readContent(database.session, "customers");
  if (!isSame(found, expected)) {
    throw new Error(`${name} made ${describeContent(found)}, not ${describeContent(expected)}`);
  }
  try {
    await measurement.check?.(database, bench);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  return load;
}
