/** How long it takes to cut 1 GB into batches, with and without a search for repeated keys. */
import { fileURLToPath } from "node:url";
import { RUNTIME_FLAGS } from "../../runtime_flags.ts";
import type { Bench, State } from "../bench.ts";
import { finished, measure } from "../programs/process.ts";
import { median, round } from "../statistics.ts";
import { EMPTY, UNINDEXED } from "../states.ts";
import { figure, type Figures } from "./figure.ts";

const GIGABYTE = 1e9;
const TIMES = 3;

const WAYS = [
  { words: "without a key", state: UNINDEXED, importer: "keyless", bar: 3 },
  { words: "with the filter for repeated keys", state: EMPTY, importer: "insert", bar: 6 },
];

/** It plans a file with ten times the rows, which has 1.03 GB for a million. */
export const PLANNING: Figures = {
  name: "planning",
  async measure(bench, effort) {
    if (!effort.large) return [];
    const figures = [];
    const { bytes } = await bench.files.get("valid", 10 * bench.rows);
    for (const { words, state, importer, bar } of WAYS) {
      const seconds: number[] = [];
      for (let time = 1; time <= (effort.quick ? 1 : TIMES); time++) {
        seconds.push(await plan(bench, state, importer) * GIGABYTE / bytes);
        bench.log(`  planning 1 GB ${words}: ${seconds.at(-1)!.toFixed(2)} s`);
      }
      figures.push(figure(`planning 1 GB, ${words}`, median(seconds), "s", bar, effort, {
        bytes,
        seconds_per_gigabyte: seconds.map((each) => round(each, 3)),
      }));
    }
    return figures;
  },
};

async function plan(bench: Bench, state: State, importer: string): Promise<number> {
  const file = await bench.files.get("valid", 10 * bench.rows);
  const { url } = await bench.states.restore(state, bench);
  const script = fileURLToPath(new URL("plan_file.ts", import.meta.url));
  const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
  const measured = await measure({
    command: Deno.execPath(),
    args: [
      ...["run", ...RUNTIME_FLAGS, `--config=${config}`, script],
      ...[url, bench.folders.importers, importer, file.path],
    ],
  }, bench.signal);
  finished(measured, 0, "planning");
  const { end, seconds, rows } = JSON.parse(measured.stdout);
  if (end !== "planned" || rows !== file.rows) {
    throw new Error(`Planning ended as "${end}", with ${rows} rows of ${file.rows}`);
  }
  return seconds;
}
