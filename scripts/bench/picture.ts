/** Draws results of the benchmark. */
import { secondsBars } from "./picture/seconds_bars.ts";
import { stageBar } from "./picture/stage_bar.ts";
import { line, type Piece, STYLE, text } from "./picture/svg.ts";
import { workloadBars } from "./picture/workload_bars.ts";
import type { BenchResult } from "./result.ts";
import { ofGroup } from "./workloads/all.ts";

const WIDTH = 900;
const MARGIN = 24;
const INNER = WIDTH - 2 * MARGIN;

/** The text of an SVG file: how long the messy file and the clean one take. */
export function drawHeadline(results: readonly BenchResult[]): string {
  const rows = results[0].rows.toLocaleString("en-US");
  return card(`How long ${rows} rows take`, [secondsBars(results, INNER), foot(results)]);
}

/** Where the time goes on the first result's server, and the ratios of whole files. */
export function drawDetails([result]: readonly BenchResult[]): string {
  const rows = result.rows.toLocaleString("en-US");
  const workloads = ofGroup("files", result.workloads).filter(({ ratio }) => ratio !== null);
  return card("The result of the benchmark", [
    ...result.profiles.flatMap(({ file, stages }) => [
      heading(`Where the time goes: CPU seconds of ${rows} rows of a ${file}`),
      stageBar(stages, INNER),
    ]),
    ...workloads.length === 0 ? [] : [
      ...result.profiles.length === 0 ? [] : [rule()],
      heading(`Wall time for ${rows} rows, divided by the reference's`),
      legend(),
      workloadBars(workloads, INNER),
    ],
    foot([result]),
  ]);
}

function card(title: string, pieces: readonly Piece[]): string {
  let y = MARGIN;
  const placed = pieces.map(({ height, svg }) => {
    const at = `<g transform="translate(${MARGIN} ${y})">${svg}</g>`;
    y += height;
    return at;
  });
  const height = y + MARGIN / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    ...placed,
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

function rule(): Piece {
  return { height: 28, svg: line(0, 6, INNER, 6, "grid") };
}

function foot(results: readonly BenchResult[]): Piece {
  const [{ machine: { cores, deno, binary }, rows, at }] = results;
  const words = [
    `${rows.toLocaleString("en-US")} rows`,
    `${cores} cores`,
    ...results.map(({ machine }) => machine.server),
    binary === null ? `Deno ${deno}` : "compiled",
    at.slice(0, 10),
  ].join(" · ");
  return { height: 22, svg: text(0, 16, words, "small") };
}
