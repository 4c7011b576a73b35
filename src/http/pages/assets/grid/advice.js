/** Says what can be done about the cell that somebody is at, and does it. */
import { ask, post, Refused } from "./ask.js";
import { QUOTED } from "./bar.js";
import { shorten } from "./draw.js";
import { placeOf } from "./faults.js";

/** @typedef {import("./grid.js").Grid} Grid */
/** @typedef {import("./faults.js").Row} Row */
/** @typedef {import("./edits.js").Edit} Edit */

export class Advice {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
  }

  /** @param {{file?: string, line: number}} row */
  #place(row) {
    return placeOf(row, this.grid.given.word);
  }

  /** What can be done about the cell that somebody is at. @returns {void} */
  moved() {
    const { cells, edits, bar } = this.grid;
    const at = this.grid.correctable(cells.active);
    if (edits.stopped !== null) return this.stopped();
    const edit = at && edits.of(at.row, at.name);
    const conflict = edit?.state === "conflict" ? edit : edits.conflicts[0];
    if (conflict !== undefined) return this.#ask(conflict);
    if (at === null) return;
    const { row } = at;
    const corrected = this.grid.columns.filter(({ name }) => edits.isCorrected(row, name));
    const surplus = surplusOf(row, this.grid.columns);
    const text = corrected.length === 0
      ? ""
      : `${corrected.length === 1 ? "1 cell" : `${corrected.length} cells`} of ${
        this.#place(row)
      } ${corrected.length === 1 ? "is" : "are"} corrected.`;
    if (corrected.length > 0 || row.correction?.drop_surplus) {
      bar.say(text, [{ text: "Take back", act: () => this.#takeBack(row) }]);
    } else if (surplus.length > 0) {
      const values = shorten(surplus.map((value) => `“${shorten(value, QUOTED)}”`).join(", "), 160);
      bar.say(`The row in ${this.#place(row)} has more fields than the header: ${values}.`, [{
        text: "Leave them out",
        act: () => this.#dropSurplus(row),
      }]);
    }
  }

  /** @param {Edit} edit */
  #ask(edit) {
    const { bar, edits } = this.grid;
    const settle = (/** @type {boolean} */ isOurs) => {
      edits.settle(edit, isOurs);
      bar.say("");
      this.grid.view.root.focus({ preventScroll: true });
      this.moved();
    };
    bar.say(
      `${edit.name} in ${this.#place(edit)}: somebody else has put “${
        shorten(edit.theirs ?? "", QUOTED)
      }” there. You want “${shorten(edit.value, QUOTED)}”.`,
      [
        { text: "Keep mine", primary: true, act: () => settle(true) },
        { text: "Take theirs", act: () => settle(false) },
      ],
    );
  }

  /** Edits can't be sent. @returns {void} */
  stopped() {
    const { edits, bar } = this.grid;
    if (edits.stopped === null) return this.moved();
    bar.say(`${edits.stopped} What you have changed is still here.`, [{
      text: "Send again",
      primary: true,
      act: () => {
        bar.say("");
        edits.sendAgain();
      },
    }]);
  }

  /** @param {Row} row */
  async #takeBack(row) {
    const { given, edits, bar } = this.grid;
    try {
      await ask(`${given.api}/corrections/${row.row_number}`, { method: "DELETE" });
      edits.drop(row.row_number, null);
      bar.say(`The row in ${this.#place(row)} is as it is in the file.`);
      this.grid.refresh();
    } catch (error) {
      bar.say(error instanceof Refused ? error.message : "The server can’t be reached. Try again.");
    }
  }

  /** @param {Row} row */
  async #dropSurplus(row) {
    const { given, edits, bar } = this.grid;
    const corrections = [{ row_number: row.row_number, drop_surplus: true }];
    try {
      const { data } = await post(`${given.api}/corrections`, { corrections });
      edits.learn(data);
      bar.say(data.notes.join(" "));
      this.grid.refresh();
    } catch (error) {
      bar.say(error instanceof Refused ? error.message : "The server can’t be reached. Try again.");
    }
  }
}

/** @param {Row} row @param {{name: string}[]} columns @returns {string[]} */
function surplusOf({ data }, columns) {
  const names = new Set(columns.map(({ name }) => name));
  return Object.entries(data).filter(([name]) => !names.has(name)).map(([, value]) => value);
}
