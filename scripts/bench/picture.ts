/**
 * Draws the result of the benchmark.
 *
 *     scripts/deno run -A scripts/bench/picture.ts bench-results/x.json docs/bench.svg
 */
import { stageBar } from "./picture/stage_bar.ts";
import { line, type Piece, STYLE, text } from "./picture/svg.ts";
import { workloadBars } from "./picture/workload_bars.ts";
import type { BenchResult } from "./result.ts";

const WIDTH = 900;
const MARGIN = 24;

/** The text of an SVG file. */
export function drawPicture(result: BenchResult): string {
  const pieces: Piece[] = [];
  let y = MARGIN;
  const add = (piece: Piece) => {
    pieces.push({ height: y, svg: `<g transform="translate(${MARGIN} ${y})">${piece.svg}</g>` });
    y += piece.height;
  };
  const width = WIDTH - 2 * MARGIN;
  const rows = result.rows.toLocaleString("en-US");
  if (result.stages.length > 0) {
    add(heading(`Where the time goes: CPU seconds of a fresh insert of ${rows} rows`));
    add(stageBar(result.stages, width));
  }
  if (result.workloads.some(({ ratio }) => ratio !== null)) {
    if (result.stages.length > 0) add(rule(width));
    add(heading(`Wall time for ${rows} rows, divided by the reference's`));
    add(legend());
    add(workloadBars(result.workloads, width));
  }
  const { cores, server, deno, binary } = result.machine;
  const program = binary === null ? `Deno ${deno}` : "compiled";
  add(foot(`${cores} cores · ${server} · ${program} · ${result.at.slice(0, 10)}`));
  const height = y + MARGIN / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    "<title>The result of the benchmark</title>",
    `<style>${STYLE}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    ...pieces.map(({ svg }) => svg),
    "</svg>\n",
  ].join("\n");
}

function heading(words: string): Piece {
  return { height: 30, svg: text(0, 12, words, "heading") };
}

function legend(): Piece {
  const words = "thin: the 95 % interval of the ratio; thick: the largest ratio allowed";
  return { height: 20, svg: text(0, 4, words, "small") };
}

function rule(width: number): Piece {
  return { height: 28, svg: line(0, 6, width, 6, "grid") };
}

function foot(words: string): Piece {
  return { height: 22, svg: text(0, 16, words, "small") };
}

if (import.meta.main) {
  const [from, to] = Deno.args;
  if (to === undefined) {
    console.error("Usage: picture.ts <bench-results/….json> <picture.svg>");
    Deno.exit(1);
  }
  await Deno.writeTextFile(to, drawPicture(JSON.parse(await Deno.readTextFile(from))));
}
