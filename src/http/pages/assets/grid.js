/** The page of failed rows: puts a grid in the place of the plain table. */
import { faultsOf } from "./grid_faults.js";
import { Rows } from "./grid_rows.js";
import { between, make, View } from "./grid_view.js";
import { Cells } from "./grid_cells.js";
import { Bubble } from "./grid_bubble.js";

/** @typedef {import("./grid_faults.js").Row} Row */
/** @typedef {import("./grid_faults.js").Column} Column */

/** Columns before those of the file: row, line, what is wrong. */
const OWN = 3;
/** Characters of a value in a cell. */
const LONGEST = 200;
const WIDTH = innerWidth < 700
  ? { row: 60, line: 60, why: 160, least: 72, most: 220, letter: 7.6, rest: 26 }
  : { row: 76, line: 76, why: 250, least: 72, most: 300, letter: 7.6, rest: 26 };
/** Rows that tell how wide columns have to be. */
const MEASURED = 60;
/** Milliseconds between two looks at a run that is still going on. */
const EVERY = 2_000;

const place = document.getElementById("rows");
const found = document.getElementById("rows-data")?.textContent;
if (place !== null && found) start(place, JSON.parse(found));

/**
 * @param {HTMLElement} place
 * @param {{run: number, api: string, query: string, total: number, isOpen: boolean, mayRepair: boolean,
 *   columns: (string | [string, ...string[]])[]}} given
 */
function start(place, given) {
  /** @type {Column[]} */
  const columns = given.columns.map((column) =>
    typeof column === "string"
      ? { name: column, fills: [column] }
      : { name: column[0], fills: column.slice(1) }
  );
  const rows = new Rows(given, {
    changed(first, count) {
      if (!place.contains(view.root)) show();
      for (let i = first; i < first + count; i++) view.redrawRow(i);
      bubble.show(cells.active);
    },
    refused(why) {
      const note = make("p", "note refused");
      note.setAttribute("role", "alert");
      note.textContent = why.status === 404
        ? "This run is no longer there: somebody has deleted it."
        : why.status === 401
        ? "You are no longer signed in. Open this page again to sign in."
        : why.message;
      place.before(note);
    },
  });
  const view = new View({
    columns: [
      { name: "Row", width: WIDTH.row },
      { name: "Line", width: WIDTH.line, title: "The line of the file" },
      { name: "What is wrong", width: WIDTH.why },
      ...columns.map(({ name, fills }) => ({
        name,
        width: WIDTH.least,
        title: titleOf(name, fills),
      })),
    ],
    drawRow,
    look: (first, last) => rows.want(first, last),
  }, "Failed rows");
  const bubble = new Bubble(view, ({ place, column }) => {
    const row = rows.at(place);
    if (row === null) return null;
    const { cells: wrong, reason } = faultsOf(row.errors, columns);
    if (column === OWN - 1) return { wrong: reason };
    const text = wrong.get(column - OWN);
    return text === undefined ? null : { wrong: text };
  });
  const cells = new Cells(view, () => bubble.show(cells.active));
  view.root.addEventListener("copy", copy);

  view.total = given.total;
  rows.want(0, 0);

  function show() {
    setWidths();
    place.querySelector(".plain")?.replaceWith(view.root);
    place.querySelector(".pages")?.classList.add("drawn");
    view.draw();
    if (view.total > rows.block) rows.lookAhead();
  }

  function setWidths() {
    const first = [...rows.here()].slice(0, MEASURED).map(([, row]) => row);
    columns.forEach(({ name }, i) => {
      const lengths = first.map(({ data }) => data[name]?.length ?? 0).sort((a, b) => a - b);
      const usual = lengths[Math.floor(0.9 * (lengths.length - 1))] ?? 0;
      const wide = WIDTH.letter * Math.max(usual, Math.min(name.length, 24)) + WIDTH.rest;
      view.drawing.columns[i + OWN].width = Math.round(
        Math.max(WIDTH.least, Math.min(wide, WIDTH.most)),
      );
    });
    view.measure();
  }

  /** @param {HTMLElement} element @param {number} i @param {number} from @param {number} to */
  function drawRow(element, i, from, to) {
    const row = rows.at(i);
    element.replaceChildren();
    element.className = `row${
      row === null
        ? " waiting"
        : row.resolved_by_run_id !== undefined || row.waived
        ? " settled"
        : ""
    }`;
    for (const column of [0, ...between(from, to)]) {
      const cell = view.cell(column, column === 0 ? "rowheader" : "gridcell", element);
      cell.id = `c${i}-${column}`;
      if (cells.isMarked(i, column)) cell.classList.add("marked");
      if (cells.active.place === i && cells.active.column === column) cell.classList.add("active");
      if (row !== null) drawCell(cell, row, column);
    }
  }

  /** @param {HTMLElement} cell @param {Row} row @param {number} column */
  function drawCell(cell, row, column) {
    const { cells: wrong, reason } = faultsOf(row.errors, columns);
    const text = document.createElement("bdi");
    cell.append(text);
    if (column < OWN) {
      cell.classList.add(["n", "line", "why"][column]);
      text.textContent = [
        row.row_number.toLocaleString("en"),
        row.line.toLocaleString("en"),
        stateOf(row) ?? reason,
      ][column];
      return;
    }
    const value = row.data[columns[column - OWN].name];
    if (value === undefined || value === "") cell.classList.add("blank");
    else text.textContent = inLine(value);
    const message = wrong.get(column - OWN);
    if (message === undefined || row.resolved_by_run_id !== undefined) return;
    cell.classList.add("wrong");
    cell.setAttribute("aria-invalid", "true");
    const about = make("span");
    about.hidden = true;
    about.id = `${cell.id}-why`;
    about.textContent = message;
    cell.setAttribute("aria-describedby", about.id);
    cell.append(about);
  }

  /** @param {ClipboardEvent} event */
  function copy(event) {
    if (event.target !== view.root || event.clipboardData === null) return;
    const { first, last, from, to } = cells.block;
    const lines = between(first, last).map((i) => {
      const row = rows.at(i);
      return between(from, to).map((column) => row === null ? "" : quoted(textOf(row, column)))
        .join("\t");
    });
    event.clipboardData.setData("text/plain", lines.join("\n"));
    event.preventDefault();
  }

  /** @param {Row} row @param {number} column */
  function textOf(row, column) {
    if (column >= OWN) return row.data[columns[column - OWN].name] ?? "";
    return [String(row.row_number), String(row.line), faultsOf(row.errors, columns).reason][column];
  }

  if (given.isOpen) setInterval(look, EVERY);

  /** A run that is still going on fails more rows. */
  async function look() {
    if (document.visibilityState !== "visible" || given.query !== "") return;
    const answer = await fetch(`${given.api}?rows=0`).catch(() => null);
    if (answer === null || !answer.ok) return;
    const { data: { progress, is_terminal } } = await answer.json();
    if (is_terminal) location.reload();
    const kept = progress.failed - progress.unlogged;
    if (kept === view.total) return;
    view.total = kept;
    rows.refresh();
  }
}

/** @param {Row} row */
function stateOf({ resolved_by_run_id: by, waived }) {
  return by !== undefined ? `Fixed by run ${by}` : waived ? "Waived" : null;
}

/** @param {string} name @param {string[]} fills */
function titleOf(name, fills) {
  const others = fills.filter((target) => target !== name);
  return others.length === 0 ? name : `${name} → ${others.join(", ")}`;
}

/** @param {string} value */
function inLine(value) {
  const short = value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  return short.replace(/\r\n|[\r\n]/gu, " ↵ ").replace(/\t/gu, " ⇥ ");
}

/** As spreadsheets do it. @param {string} text */
function quoted(text) {
  return /[\t\n\r"]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
