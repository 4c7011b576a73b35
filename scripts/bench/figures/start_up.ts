/** How long the program takes to do next to nothing. */
import type { Bench } from "../bench.ts";
import type { Load } from "../programs/process.ts";
import { median } from "../statistics.ts";
import { EMPTY } from "../states.ts";
import { type Effort, figure, type Figures, milliseconds } from "./figure.ts";

const MILLISECONDS = 250;
const TIMES = 10;
/** The fewest rows that a run is measured with. Workloads (`--only sizes`) compare it with psql. */
const FEW = 10;

export const START_UP: Figures = {
  name: "start-up",
  async measure(bench, effort) {
    const rows = 1000;
    const file = await bench.files.get("valid", rows);
    const database = await bench.states.restore(EMPTY, bench);
    const args = ["run", "insert", "--file", file.path, "--importers", bench.folders.importers];
    await bench.ingest.load(database, args, { created: rows });
    const status = ["status", "--database-url", database.url];
    return [
      ...await startUp("version", () => bench.ingest.command(["version"]), effort),
      ...await startUp("status", () => bench.ingest.command(status), effort),
      ...await startUp(`run of ${FEW} rows`, () => runFew(bench), effort),
    ];
  },
};

async function runFew(bench: Bench): Promise<Load> {
  const file = await bench.files.get("valid", FEW);
  const database = await bench.states.restore(EMPTY, bench);
  const args = ["run", "insert", "--file", file.path, "--importers", bench.folders.importers];
  return await bench.ingest.load(database, args, { created: FEW });
}

/** Processor time says more on a machine that does other things, too. */
async function startUp(command: string, measure: () => Promise<Load>, effort: Effort) {
  const all: Load[] = [];
  while (all.length < (effort.quick ? 3 : TIMES)) all.push(await measure());
  const wall = all.map(({ seconds }) => seconds);
  const cpu = all.flatMap(({ cpuSeconds }) => cpuSeconds ?? []);
  const name = `start-up, ingest ${command}`;
  const one = (name: string, seconds: readonly number[], bar: number | null) =>
    figure(name, 1000 * median(seconds), "ms", bar, effort, { all: milliseconds(seconds) });
  return [
    one(name, wall, MILLISECONDS),
    ...(cpu.length === 0 ? [] : [one(`${name}, processor time`, cpu, null)]),
  ];
}
