/** Measures files of unusual shapes: very many short rows, and a few very long ones. */
import type { Bench } from "../bench.ts";
import { describeContent, isSame, readContent } from "../content.ts";
import type { DataFile } from "../data/files.ts";
import type { Load } from "../programs/process.ts";
import { copyInto } from "../programs/psql.ts";
import type { FigureResult } from "../result.ts";
import { median, round } from "../statistics.ts";
import { EMPTY } from "../states.ts";
import { judgeCliff } from "../verdict.ts";
import type { Effort, Figures } from "./figure.ts";

const TIMES = 5;
/** A file with 500 columns has this many times fewer rows. */
const ROWS_FOR_A_WIDE_ONE = 500;

export const SHAPES: Figures = {
  name: "shapes",
  async measure(bench, effort) {
    const wide = Math.max(Math.round(bench.rows / ROWS_FOR_A_WIDE_ONE), 1);
    return [
      ...await shape(bench, effort, "3 fields", "narrow", bench.rows),
      ...await shape(bench, effort, "500 fields", "wide", wide),
    ];
  },
};

/** In seconds, measured in turn. The two `…Start` are for a file of one row. */
interface Times {
  readonly ours: number[];
  readonly copy: number[];
  readonly oursStart: number[];
  readonly copyStart: number[];
}

async function shape(
  bench: Bench,
  effort: Effort,
  words: string,
  kind: "narrow" | "wide",
  rows: number,
): Promise<FigureResult[]> {
  const file = await bench.files.get(kind, rows);
  const one = await bench.files.get(kind, 1);
  const times: Times = { ours: [], copy: [], oursStart: [], copyStart: [] };
  for (let time = 1; time <= (effort.quick ? 1 : TIMES); time++) {
    times.ours.push(await load(bench, file, ingestRun));
    times.oursStart.push(await load(bench, one, ingestRun));
    if (bench.machine.psql === null) continue;
    times.copy.push(await load(bench, file, copyInto));
    times.copyStart.push(await load(bench, one, copyInto));
  }
  const ours = median(times.ours);
  bench.log(`  ${rows} rows of ${words}: ${ours.toFixed(2)} s`);
  const speed: FigureResult = {
    figure: `shapes, ${rows} rows of ${words}`,
    value: round(file.bytes / 1e6 / ours, 1),
    unit: "MB/s",
    bar: null,
    verdict: "not judged",
    details: {
      seconds: round(ours, 3),
      all: rounded(times.ours),
      all_of_one_row: rounded(times.oursStart),
    },
  };
  if (bench.machine.psql === null) return [speed];
  const copy = median(times.copy);
  // Only the time for the rows can show a cliff. Most of a small file's time is the program's
  // start.
  const net = (ours - median(times.oursStart)) / (copy - median(times.copyStart));
  return [speed, {
    figure: `shapes, ${words} ÷ \\copy, start-up left out`,
    value: round(net, 3),
    unit: "×",
    bar: null,
    verdict: effort.quick ? "not judged" : judgeCliff(net),
    details: {
      "with start-up": round(ours / copy, 2),
      copy_seconds: round(copy, 3),
      all_copy: rounded(times.copy),
      all_copy_of_one_row: rounded(times.copyStart),
    },
  }];
}

function rounded(seconds: readonly number[]): number[] {
  return seconds.map((each) => round(each, 3));
}

type Loader = (
  database: Parameters<typeof copyInto>[0],
  table: string,
  file: DataFile,
  signal: AbortSignal,
  bench: Bench,
) => Promise<Load>;

const ingestRun: Loader = (database, table, file, _signal, { ingest, folders }) => {
  const args = ["run", table, "--file", file.path, "--importers", folders.importers];
  return ingest.load(database, args, { created: file.rows });
};

/** Resolves with the seconds that it took. */
async function load(bench: Bench, file: DataFile, loader: Loader): Promise<number> {
  const { table } = file;
  const expected = await bench.contents.ofFile(bench, file);
  const database = await bench.states.restore(EMPTY, bench);
  const { seconds } = await loader(database, table, file, bench.signal, bench);
  const found = await readContent(database.session, table);
  if (isSame(found, expected)) return seconds;
  throw new Error(
    `${file.path} became ${describeContent(found)}, not ${describeContent(expected)}`,
  );
}
