/** What would make many rows right at once: the server has tried it, a click does it. */
import { ask, post, Refused } from "./ask.js";
import { count, QUOTED } from "./bar.js";
import { shorten } from "./draw.js";
import { make } from "./parts.js";

/** @typedef {import("./grid.js").Grid} Grid */
/**
 * @typedef {object} Suggestion
 * @property {string | null} column of the table; null: how rows are read
 * @property {string[]} definition
 * @property {number} values that would be right
 * @property {number} of
 * @property {number} ambiguous
 * @property {{rows: number, example: {before: string, after: string} | null} | null} cells
 */

/** More are not looked at before somebody wants to: that takes seconds. */
const AT_ONCE = 20_000;
const MOST = 4;

export class Suggestions {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
    this.place = document.querySelector("[data-suggestions]");
    if (this.place === null || grid.given.query !== "") return;
    if (grid.given.total <= AT_ONCE) void this.#look();
    else {
      const text = "Many rows may be wrong for the same reason.";
      this.#show([this.#item(text, [["Look for it", () => this.#look()]])]);
    }
  }

  async #look() {
    const found = await ask(`${this.grid.given.api}/suggestions`).catch(() => null);
    if (found === null) return;
    /** @type {Suggestion[]} */
    const all = found.data.suggestions;
    this.#show(
      all.filter(({ definition, cells }) => definition.length > 0 && cells?.rows !== 0)
        .slice(0, MOST).map((suggestion) => this.#draw(suggestion)),
    );
  }

  /** @param {Suggestion} suggestion */
  #draw(suggestion) {
    const { column, definition, values, of, ambiguous, cells } = suggestion;
    const name = this.grid.columns.find(({ fills }) => fills.includes(column ?? ""))?.name ??
      column;
    const example = cells?.example;
    const what = column === null ? "rows" : "wrong values";
    const wrong = `${count(values)} of ${count(of)} ${what} would be right`;
    const text = example
      ? `${name}: does “${shorten(example.before, QUOTED)}” mean ${
        example.after === "" ? "empty" : `“${shorten(example.after, QUOTED)}”`
      }? ${wrong}.`
      : `${name === null ? "" : `${name}: `}${wrong} if the importer’s definition said ${
        definition.join(", ")
      }.`;
    const unsure = ambiguous > 0 ? ` ${count(ambiguous)} could also be something else.` : "";
    /** @type {[string, () => Promise<void>][]} */
    const ways = this.grid.given.maySave
      ? [["Save in the importer", () => this.#save(suggestion)]]
      : [];
    if (cells === null) return this.#item(text, ways);
    const many = cells.rows === 1 ? "1 row" : `${count(cells.rows)} rows`;
    const does = example ? `Yes, correct ${many}` : `Correct ${many}`;
    const item = this.#item(text + unsure, [[does, () => this.#correct(suggestion)], ...ways]);
    item.title = definition.join(", ");
    return item;
  }

  /** @param {string} text @param {[string, () => Promise<void>][]} ways */
  #item(text, ways) {
    const item = make("p", "note");
    const said = document.createElement("bdi");
    said.textContent = text;
    item.append(said);
    for (const [does, act] of ways) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = does;
      button.addEventListener("click", async () => {
        button.disabled = true;
        await act();
        button.disabled = false;
      });
      item.append(button);
    }
    return item;
  }

  /** @param {HTMLElement[]} items */
  #show(items) {
    this.place?.replaceChildren(...items);
    this.grid.fit();
  }

  /** @param {Suggestion} suggestion @param {boolean} [undo] */
  async #correct({ column, definition, ...rest }, undo = false) {
    const { given, bar, edits } = this.grid;
    bar.say(undo ? "Taking it back …" : "Correcting them …");
    try {
      const url = `${given.api}/corrections/suggested`;
      const done = await post(url, { column, definition, undo });
      edits.forgetKept(() => false);
      edits.learn(undo ? null : done.data);
      this.grid.refresh();
      const back = {
        text: "Undo",
        act: () => this.#correct({ column, definition, ...rest }, true),
      };
      bar.say(`${done.message}${undo ? "" : " Retry them when you are done."}`, undo ? [] : [back]);
      await this.#look();
    } catch (error) {
      bar.say(error instanceof Refused ? error.message : "The server can’t be reached. Try again.");
    }
  }

  /** For this file and those to come. @param {Suggestion} suggestion */
  async #save({ column, definition }) {
    const { given, bar, edits } = this.grid;
    bar.say("Saving it …");
    try {
      const { message } = await post(`${given.api}/suggestions/apply`, { column, definition });
      // Rows are checked by what it says now.
      edits.forgetKept(() => false);
      this.grid.refresh();
      this.#show([]);
      bar.say(`${message} Retry them all.`);
    } catch (error) {
      bar.say(error instanceof Refused ? error.message : "The server can’t be reached. Try again.");
    }
  }
}
