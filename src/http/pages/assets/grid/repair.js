/** Repairs cells: by keyboard, in blocks, and one value wherever it occurs. */
import { ask } from "./ask.js";
import { Advice } from "./advice.js";
import { count } from "./bar.js";
import { readBlock } from "./block.js";
import { isSettled, OWN, WHY } from "./draw.js";
import { Editor } from "./editor.js";
import { placeOf } from "./faults.js";
import { Everywhere } from "./everywhere.js";
import { between } from "./parts.js";

/** @typedef {import("./grid.js").Grid} Grid */
/** @typedef {import("./cells.js").Cell} Cell */
/** @typedef {import("./faults.js").Row} Row */
/** @typedef {import("./edits.js").Change} Change */
/** @typedef {import("./edits.js").Edit} Edit */

/** Rows of a block that is pasted. */
const MOST_ROWS = 10_000;
/** Rows that are looked through for the next wrong cell. */
const MOST_SOUGHT = 2_000;
/** Milliseconds between the two clicks of a double click. */
const DOUBLE = 500;

export class Repair {
  /** The last value that was typed, until it is checked. @type {{change: Change, before: string} | null} */
  #typed = null;

  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
    this.advice = new Advice(grid);
    this.everywhere = new Everywhere(grid);
    const { view, cells } = grid;
    this.editor = new Editor(view, {
      commit: (cell, value) => this.#commit(cell, value),
      left: (moved) => {
        if (moved === null) return;
        view.root.focus({ preventScroll: true });
        cells.go({ place: cells.active.place + moved[0], column: cells.active.column + moved[1] });
      },
    });
    view.root.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("paste", (event) => this.#paste(event));
    document.addEventListener("cut", () => {
      if (document.activeElement === view.root) this.#clear();
    });
    let last = { at: "", time: -Infinity };
    // A second tap on the same cell, or a double click: rows are drawn anew between the clicks, so there
    // is no `dblclick`.
    view.root.addEventListener("pointerup", ({ pointerType, button, target, timeStamp: time }) => {
      if (button !== 0 || view.cellOf(target) === null || cells.corner !== cells.active) return;
      const at = `${cells.active.place} ${cells.active.column}`;
      const isAgain = at === last.at && (pointerType === "touch" || time - last.time < DOUBLE);
      last = { at, time };
      if (isAgain) void this.open(null);
    });
  }

  /** @param {string | null} typed what somebody has begun to type */
  async open(typed) {
    const { cells, edits, draw, view, given } = this.grid;
    const cell = cells.active;
    const at = this.grid.correctable(cell);
    if (at === null) return this.#explain(cell);
    const { row, name } = at;
    let value = edits.valueOf(row, name);
    if (edits.isCut(row, name) && typed === null) {
      const query = new URLSearchParams({ row: String(row.row_number), column: name });
      const whole = await ask(`/runs/${given.run}/rows/cell?${query}`).catch(() => null);
      if (whole === null) return this.grid.bar.say("The whole value can’t be read at the moment.");
      value = whole.value;
    }
    view.reveal(cell.place, cell.column);
    const why = draw.wrong(row, cell.column) ?? "";
    this.editor.open(cell, {
      label: `${name}, ${placeOf(row, this.grid.given.word)}`,
      value,
      typed,
      why,
    });
    this.grid.bubble.show(cell);
  }

  /** Why nothing can be typed here. @param {Cell} cell */
  #explain({ place, column }) {
    const { rows, cells } = this.grid;
    const row = rows.at(place);
    if (row === null) return;
    const wrong = this.grid.wrongColumn(place);
    if (column === WHY && wrong !== null) return cells.go({ place, column: wrong });
    if (row.waived) {
      this.grid.bar.say("This row is left out. Take it back in before you correct it.");
    } else if (isSettled(row)) {
      this.grid.bar.say(`Run ${row.resolved_by_run_id} has loaded this row.`);
    } else if (column < OWN) this.grid.bar.say("Only the file’s own cells can be corrected.");
  }

  /** @param {Cell} cell @param {string} value */
  #commit(cell, value) {
    const at = this.grid.correctable(cell);
    if (at === null) return;
    const before = this.grid.edits.valueOf(at.row, at.name);
    const change = { ...at, value };
    this.#typed = before === value ? null : { change, before };
    this.grid.bar.say("");
    this.grid.edits.make([change]);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target !== this.grid.view.root || event.isComposing) return;
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const isCommand = ctrlKey || metaKey;
    if (isCommand && key.toLowerCase() === "z" && !shiftKey) this.#undo();
    else if (key === "F8" || (altKey && key === "ArrowDown")) void this.#nextWrong();
    else if (altKey || isCommand) return;
    else if (key === "Enter" || key === "F2") void this.open(null);
    else if (key === "Delete" || key === "Backspace") this.#clear();
    else if (key === "Tab") return this.#tab(event);
    else if ([...key].length === 1) void this.open(key);
    else return;
    event.preventDefault();
  }

  /** To the next cell of the row; beyond its last one, out of the grid. @param {KeyboardEvent} event */
  #tab(event) {
    const { cells, view } = this.grid;
    const { place, column } = cells.active;
    const to = column + (event.shiftKey ? -1 : 1);
    if (to < OWN || to >= view.drawing.columns.length) return;
    event.preventDefault();
    cells.go({ place, column: to });
  }

  async #nextWrong() {
    const { cells, rows, view, bar } = this.grid;
    const { active } = cells;
    const end = Math.min(view.total, active.place + MOST_SOUGHT);
    for (let place = active.place; place < end; place++) {
      if (rows.at(place) === null) await rows.load(place, place).catch(() => {});
      const column = this.grid.wrongColumn(place, place === active.place ? active.column : 0);
      if (column !== null) return cells.go({ place, column });
    }
    bar.say(end === view.total ? "No wrong cell after this one." : "None in the next rows.");
  }

  #undo() {
    const { edits, cells, columns, rows } = this.grid;
    const done = edits.undo();
    if (done === null) return this.grid.bar.say("There is nothing to take back.");
    this.#typed = null;
    const place = rows.placeOf(done.row.row_number);
    const column = columns.findIndex(({ name }) => name === done.name) + OWN;
    if (place !== null) cells.go({ place, column });
    this.grid.bar.say("Taken back.");
  }

  #clear() {
    const { first, last, from, to } = this.grid.cells.block;
    if (first === last && from === to && from >= OWN) {
      return this.#commit(this.grid.cells.active, "");
    }
    void this.#fill(first, between(first, last).map(() => between(from, to).map(() => "")), from);
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    if (document.activeElement !== this.grid.view.root) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    event.preventDefault();
    const lines = readBlock(text);
    if (lines.length === 0) return;
    const { first, last, from, to } = this.grid.cells.block;
    const isOne = lines.length === 1 && lines[0].length === 1;
    const values = isOne
      ? between(first, last).map(() => between(from, to).map(() => lines[0][0]))
      : lines;
    void this.#fill(first, values, from);
  }

  /** @param {number} first @param {string[][]} lines @param {number} from */
  async #fill(first, lines, from) {
    const { rows, view, edits, bar, columns } = this.grid;
    const fitting = lines.slice(0, Math.min(MOST_ROWS, view.total - first));
    /** @type {Change[]} */
    const changes = [];
    let settled = 0;
    for (let i = 0; i < fitting.length; i++) {
      const place = first + i;
      try {
        if (rows.at(place) === null) await rows.load(place, place);
      } catch {
        return bar.say("The server can’t be reached, so nothing was pasted. Try again.");
      }
      const row = rows.at(place);
      if (row === null) continue;
      if (isSettled(row)) settled++;
      else {
        fitting[i].forEach((value, j) => {
          const column = columns[from + j - OWN];
          if (column !== undefined) changes.push({ row, name: column.name, value });
        });
      }
    }
    this.#typed = null;
    edits.make(changes);
    const left = lines.length - fitting.length;
    const notes = [
      ...(changes.length === 0 ? ["Only the file’s own cells can be corrected."] : []),
      ...(settled > 0
        ? [`${count(settled)} that are fixed or left out were left as they are.`]
        : []),
      ...(left > 0 ? [`The last ${count(left)} didn’t fit.`] : []),
    ];
    bar.say(notes.join(" "));
  }

  /** The server has these. @param {Edit[]} sent @param {string[]} notes */
  async sent(sent, notes) {
    const { bar } = this.grid;
    if (notes.length > 0) bar.say(`Kept, but not checked. ${notes.join(" ")}`);
    const typed = this.#typed;
    const isThis = typed !== null &&
      sent.some(({ row, name }) =>
        row === typed.change.row.row_number && name === typed.change.name
      );
    if (!isThis) return;
    this.#typed = null;
    const { columns, draw } = this.grid;
    const column = columns.findIndex(({ name }) => name === typed.change.name) + OWN;
    if (draw.wrong(typed.change.row, column) === null) {
      await this.everywhere.offer(typed.change, typed.before, () => this.#typed === null);
    }
  }
}
