/** Draws one bar for all CPU seconds together, and explains its parts. */
import type { StageTime } from "../profile/profiled_run.ts";
import { SERVER_STAGE, type Stage } from "../profile/stages.ts";
import { type Piece, rect, text } from "./svg.ts";

type Part = Stage | typeof SERVER_STAGE;

/** The colours can be told apart on light and dark backgrounds. */
const PARTS: Readonly<Record<Part, { readonly words: string; readonly colour: string }>> = {
  start: { words: "the program's start", colour: "#8c959f" },
  source: { words: "source/: cutting rows", colour: "#1f77b4" },
  keys: { words: "keys/: repeated keys", colour: "#6cb2eb" },
  kernel: { words: "kernel/: read, check", colour: "#17a398" },
  row: { words: "row/: what needs strings", colour: "#2ca02c" },
  load: { words: "load/: refusals", colour: "#98c379" },
  "sending and receiving": { words: "db/: sending, receiving", colour: "#9467bd" },
  ledger: { words: "ledger/: bookkeeping", colour: "#c5a3e0" },
  run: { words: "run/: directing the work", colour: "#e377c2" },
  "commands and reports": { words: "commands and reports", colour: "#bcbd22" },
  "garbage collector": { words: "garbage collector", colour: "#d62728" },
  runtime: { words: "Deno and V8 themselves", colour: "#8c564b" },
  Postgres: { words: "Postgres's backends", colour: "#ff9f40" },
};

const BAR = 34;
const LINE = 21;
const COLUMNS = 3;
/** A smaller share of the total is not drawn. */
const TOO_LITTLE = 0.002;

export function stageBar(stages: readonly StageTime[], width: number): Piece {
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const shown = stages.filter(({ seconds }) => seconds / total > TOO_LITTLE);
  const lines = Math.ceil(shown.length / COLUMNS);
  const svg: string[] = [];
  let x = 0;
  for (const [index, { stage, seconds }] of shown.entries()) {
    const { words, colour } = PARTS[stage as Part];
    const share = seconds / total;
    const percent = share < 0.005 ? "<1" : Math.round(100 * share);
    const said = `${seconds.toFixed(2)} s, ${percent} %`;
    svg.push(rect(x, 0, share * width, BAR, colour, `${words}: ${said}`));
    x += share * width;
    // The legend fills one column from top to bottom, then the next.
    const left = Math.floor(index / lines) * width / COLUMNS;
    const y = BAR + 16 + (index % lines) * LINE;
    svg.push(rect(left, y - 1, 12, 12, colour), text(left + 18, y + 10, words));
    svg.push(text(left + width / COLUMNS - 24, y + 10, said, "small", "end"));
  }
  return { height: BAR + 16 + lines * LINE + 12, svg: svg.join("\n") };
}
