/** Corrects one value wherever it occurs, if somebody wants that, and takes it back. */
import { ask, post, Refused } from "./ask.js";
import { count, QUOTED } from "./bar.js";
import { shorten } from "./draw.js";

/** @typedef {import("./grid.js").Grid} Grid */
/** @typedef {import("./edits.js").Change} Change */

/** Characters of a value in a button. */
const SHORT = 24;

/** @param {string} value */
function quoted(value) {
  return value === "" ? "empty" : `“${shorten(value, SHORT)}”`;
}

export class Everywhere {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
  }

  /** The same value elsewhere is probably as wrong. @param {Change} change @param {string} from @param {() => boolean} isWanted */
  async offer({ name, value: to }, from, isWanted) {
    const { given, bar, edits } = this.grid;
    if (from === "" || from.endsWith("…")) return;
    const asked = { column: name, from, to };
    const url = `${given.api}/corrections/replace`;
    const found = await post(url, { ...asked, dry_run: true }).catch(() => null);
    if (found === null || found.rows === 0 || !isWanted()) return;
    const others = found.rows === 1 ? "1 other row has" : `${count(found.rows)} other rows have`;
    bar.say(`${others} “${shorten(from, QUOTED)}” in ${name}, too.`, [{
      text: `Change ${count(found.rows)} × “${shorten(from, SHORT)}” to ${quoted(to)}`,
      primary: true,
      act: async () => {
        bar.say("Changing them …");
        try {
          const done = await post(url, asked);
          this.#forget(name, from);
          edits.learn(done.data);
          this.grid.refresh();
          const undo = { text: "Undo", act: () => this.#replaceBack(asked) };
          bar.say(`${done.message} “${shorten(from, QUOTED)}” is ${quoted(to)} now.`, [undo]);
        } catch (error) {
          bar.say(
            error instanceof Refused ? error.message : "The server can’t be reached. Try again.",
          );
        }
      },
    }, { text: "No", act: () => bar.say("") }]);
  }

  /** Only where the file has the old value. @param {{column: string, from: string, to: string}} asked */
  async #replaceBack({ column, from, to }) {
    const { given, bar } = this.grid;
    bar.say("Taking it back …");
    try {
      for (let cursor = "0"; cursor !== null;) {
        const page = await ask(`${given.api}/corrections?limit=500&cursor=${cursor}`);
        const corrections = page.data
          .filter((/** @type {any} */ row) =>
            row.values[column] === to && row.before[column] === from
          )
          .map((/** @type {any} */ row) => ({
            ...{ row_number: row.row_number, column, value: from, expected: to },
          }));
        if (corrections.length > 0) await post(`${given.api}/corrections`, { corrections });
        cursor = page.meta.next_cursor;
      }
      bar.say("Taken back.");
    } catch (error) {
      bar.say(error instanceof Refused ? error.message : "The server can’t be reached. Try again.");
    }
    this.#forget(column, to);
    this.grid.refresh();
  }

  /** Rows that had the value have another one now. @param {string} name @param {string} value */
  #forget(name, value) {
    const { edits, rows } = this.grid;
    edits.forgetKept((number) => {
      const place = rows.placeOf(number);
      const row = place === null ? null : rows.at(place);
      return row !== null && edits.valueOf(row, name) !== value;
    });
  }
}
