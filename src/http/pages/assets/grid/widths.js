/** How wide the columns of the grid are. */
import { OWN, WHY } from "./draw.js";

/** A phone. */
export const IS_NARROW = innerWidth < 700;
/** Pixels. */
export const WIDTH = IS_NARROW
  ? { place: 60, why: 0, least: 72, most: 200, wrong: 280, rest: 26 }
  : { place: 76, why: 260, least: 72, most: 260, wrong: 420, rest: 26 };
/** Characters of the longest value that a column gets wider for. */
const LONGEST = 80;
/** Rows that tell how wide columns have to be. */
const MEASURED = 60;

/**
 * After the longest value; what is left is shared, and columns with wrong values have it first.
 * @param {import("./grid.js").Grid} grid
 */
export function setWidths({ view, draw, rows: all }) {
  const rows = [...all.here()].slice(0, MEASURED).map(([, row]) => row);
  const pen = document.createElement("canvas").getContext("2d");
  if (pen === null) return;
  const { fontSize, fontFamily } = getComputedStyle(view.root);
  pen.font = `${fontSize} ${fontFamily}`;
  const columns = view.drawing.columns.map((column, i) => {
    const longest = rows.map((row) => draw.text(row, i).slice(0, LONGEST))
      .reduce((a, b) => b.length > a.length ? b : a, "");
    // Names are bolder.
    const [name, value] = [column.name, longest].map((text) => pen.measureText(text).width);
    const wish = Math.ceil(Math.max(1.07 * name, value, WIDTH.least - WIDTH.rest)) + WIDTH.rest;
    const isWrong = rows.some((row) => draw.wrong(row, i) !== null);
    return { column, wish, isWrong };
  });
  // Of several files, each row's has its name there.
  const ofSeveral = rows.some(({ file }) => file !== undefined);
  if (ofSeveral) columns[0].column.width = Math.min(columns[0].wish + WIDTH.rest, WIDTH.most);
  columns[WHY].column.width = WIDTH.why;
  const ours = columns.slice(IS_NARROW ? OWN : WHY);
  for (const { column, wish, isWrong } of columns.slice(OWN)) {
    column.width = Math.min(wish, isWrong ? WIDTH.wrong : WIDTH.most);
  }
  let free = view.root.clientWidth - columns.reduce((sum, { column }) => sum + column.width, 0);
  const inTurn = [...ours.filter(({ isWrong }) => isWrong), ...ours];
  for (const { column, wish } of inTurn) {
    const more = Math.max(0, Math.min(wish - column.width, free));
    column.width += more;
    free -= more;
  }
  ours.forEach(({ column }, i) => {
    const more = Math.max(0, Math.floor(free / (ours.length - i)));
    column.width += more;
    free -= more;
  });
  view.measure();
}
