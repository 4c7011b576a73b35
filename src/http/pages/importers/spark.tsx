/** The last runs of an importer as small bars: good rows up, failed ones red on top. */
import type { PastRun } from "../../../ledger/runs/importer_history.ts";
import { formatCount } from "../../../report/numbers.ts";

/** Bars. */
export const MOST_RUNS = 20;

const WIDTH = 8;
const GAP = 2;
const HEIGHT = 32;
/** The smallest file among large ones, and one failed row among a million, stay visible. */
const LEAST = 2.5;

/** `runs`: the latest first. */
export function Spark({ runs }: { runs: readonly PastRun[] }) {
  const whole = MOST_RUNS * WIDTH;
  const most = Math.max(1, ...runs.map(({ good, failed }) => good + failed));
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${whole} ${HEIGHT}`}
      width={whole}
      height={HEIGHT}
      role="img"
      aria-label={describe(runs)}
    >
      <path class="ground" d={`M0 ${HEIGHT - 0.5}H${whole}`} />
      {runs.map((run, i) => <Bar run={run} most={most} x={whole - (i + 1) * WIDTH} />)}
    </svg>
  );
}

function Bar({ run, most, x }: { run: PastRun; most: number; x: number }) {
  const { id, status, good, failed } = run;
  const tall = (rows: number) => rows === 0 ? 0 : Math.max(LEAST, rows / most * (HEIGHT - 1));
  const red = tall(failed);
  const whole = Math.max(tall(good + failed), red + (good > 0 ? LEAST : 0), LEAST);
  const rows = `${formatCount(good)} good, ${formatCount(failed)} failed`;
  const stopped = status === "failed" || status === "cancelled";
  const at = { x: x + GAP, width: WIDTH - GAP };
  return (
    <g>
      <title>Run {id}: {rows}{stopped && `, ${status}`}</title>
      <rect
        class={stopped ? "stopped" : "good"}
        {...at}
        y={(HEIGHT - whole).toFixed(1)}
        height={(whole - red).toFixed(1)}
      />
      <rect
        class="bad"
        {...at}
        y={(HEIGHT - whole).toFixed(1)}
        height={red.toFixed(1)}
      />
    </g>
  );
}

function describe(runs: readonly PastRun[]): string {
  if (runs.length === 0) return "no runs yet";
  const sum = (rows: (run: PastRun) => number) =>
    formatCount(runs.reduce((all, run) => all + rows(run), 0));
  return `the last ${runs.length === 1 ? "run" : `${runs.length} runs`}: ${
    sum(({ good }) => good)
  } good rows, ${sum(({ failed }) => failed)} failed`;
}
