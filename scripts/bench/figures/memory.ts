/** The peak memory of the whole program, which must not depend on the file's size. */
import type { Bench } from "../bench.ts";
import type { KindName } from "../data/kinds.ts";
import type { FigureResult } from "../result.ts";
import { EMPTY } from "../states.ts";
import { figure, type Figures } from "./figure.ts";

const MEGABYTES = 400;
/** The allowed ratio of the peak with ten times the rows to the peak with the normal number. */
const GROWTH = 1.1;

interface LoadedFile {
  readonly kind: KindName;
  readonly importer: string;
  readonly words: string;
  readonly fails: boolean;
}

const FILES: readonly LoadedFile[] = [
  { kind: "valid", importer: "insert", words: "good rows", fails: false },
  // Few columns of it repeat their values, so it fills what the program remembers of them.
  { kind: "messy", importer: "contacts", words: "messy rows", fails: false },
  { kind: "ndjson", importer: "insert_json", words: "rows of JSON", fails: false },
  { kind: "all_invalid", importer: "insert", words: "every row failing", fails: true },
];

export const MEMORY: Figures = {
  name: "memory",
  async measure(bench, effort) {
    const figures: FigureResult[] = [];
    for (const file of FILES) {
      const { words } = file;
      const peaks: number[] = [];
      for (const rows of effort.large ? [bench.rows, 10 * bench.rows] : [bench.rows]) {
        const peak = await peakOf(bench, file, rows);
        if (peak === null) continue;
        peaks.push(peak);
        figures.push(figure(`memory, ${rows} rows, ${words}`, peak, "MB", MEGABYTES, effort));
      }
      if (peaks.length === 2) {
        const growth = peaks[1] / peaks[0];
        figures.push(figure(`memory, ten times the rows, ${words}`, growth, "×", GROWTH, effort));
      }
    }
    return figures;
  },
};

/** In MB. Null where the system doesn't tell. */
async function peakOf(
  bench: Bench,
  { kind, importer, fails }: LoadedFile,
  rows: number,
): Promise<number | null> {
  const file = await bench.files.get(kind, rows);
  const args = ["run", importer, "--file", file.path, "--importers", bench.folders.importers];
  const expected = fails ? { failed: rows } : { created: rows };
  const database = await bench.states.restore(EMPTY, bench);
  const load = await bench.ingest.load(database, [...args, "--workers", "3"], expected);
  bench.log(`  memory, ${rows} rows of ${kind}: ${load.seconds.toFixed(2)} s`);
  return load.peakMegabytes;
}
