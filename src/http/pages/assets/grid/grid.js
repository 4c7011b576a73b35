/** The page of failed rows: puts a grid in the place of the plain table. */
import { ask } from "./ask.js";
import { Bar } from "./bar.js";
import { writeBlock } from "./block.js";
import { Bubble } from "./bubble.js";
import { Cells } from "./cells.js";
import { Draw, isSettled, OWN } from "./draw.js";
import { Edits } from "./edits.js";
import { connectForms } from "./forms.js";
import { Repair } from "./repair.js";
import { Rows } from "./rows.js";
import { Suggestions } from "./suggestions.js";
import { between, make } from "./parts.js";
import { View } from "./view.js";
import { IS_NARROW, setWidths, WIDTH } from "./widths.js";
import { say } from "../page.js";

/** @typedef {import("./faults.js").Column} Column */
/**
 * @typedef {object} Given by the server, in the page
 * @property {number} run
 * @property {"line" | "row"} word what lines of the file are called
 * @property {string} api
 * @property {string} query of the errors that rows have to have
 * @property {number} total
 * @property {boolean} isOpen
 * @property {boolean} mayRepair
 * @property {boolean} maySave suggestions in the definition
 * @property {string | null} waived why
 * @property {(string | [string, ...string[]])[]} columns
 */

/** Pixels. */
const BELOW = 28, LOWEST = 330;
/** Milliseconds between two looks at a run that is still going on. */
const EVERY = 2_000;
const HOW = IS_NARROW
  ? "Tap a cell twice to correct it."
  : "Type into a cell to correct it, or paste. F8: next wrong cell. Ctrl+Z: undo.";
/** Milliseconds that corrections are awaited before they are counted. */
const COUNTED = 300;

export class Grid {
  /** @type {Repair | null} */
  #repair = null;
  #isShown = false;
  #counting = 0;

  /** @param {HTMLElement} place @param {Given} given */
  constructor(place, given) {
    this.place = place;
    this.given = given;
    /** @type {Column[]} */
    this.columns = given.columns.map((column) =>
      typeof column === "string"
        ? { name: column, fills: [column] }
        : { name: column[0], fills: column.slice(1) }
    );
    const rows = `${given.total.toLocaleString("en")} ${given.total === 1 ? "row" : "rows"}.`;
    this.bar = new Bar(given.mayRepair ? `${rows} ${HOW}` : rows, () => {
      this.view.root.focus({ preventScroll: true });
    });
    this.rows = new Rows(given, {
      changed: (first, rows) => this.#arrived(first, rows),
      refused: (why) => this.#refused(why),
    });
    this.edits = new Edits(given.api, {
      changed: (row) => this.#changed(row),
      away: (isAway) =>
        say(
          isAway
            ? "The server can’t be reached. What you have changed is kept here, and sent when it is back."
            : null,
        ),
      stopped: () => this.#repair?.advice.stopped(),
      sent: (edits, notes) => {
        void this.#repair?.sent(edits, notes);
        this.count();
      },
    });
    this.draw = new Draw(this.columns, this.edits, (place) => this.rows.at(place), given.waived);
    this.view = new View({
      columns: [
        given.word === "row"
          ? { name: "Row", width: WIDTH.place, title: "The row of the sheet" }
          : { name: "Line", width: WIDTH.place, title: "The line of the file" },
        { name: "What is wrong", width: WIDTH.why },
        ...this.columns.map((column) => ({
          ...{ name: column.name, width: WIDTH.least, title: titleOf(column) },
        })),
      ],
      drawRow: (element, place, from, to) =>
        this.draw.row(this.view, element, place, [from, to], this.cells),
      look: (first, last) => this.rows.want(first, last),
    }, "Failed rows");
    this.view.root.classList.toggle("narrow", IS_NARROW);
    this.cells = new Cells(this.view, () => {
      this.bubble.show(this.cells.active);
      this.#repair?.advice.moved();
    });
    this.bubble = new Bubble(this.view, ({ place, column }) => {
      const row = this.rows.at(place);
      return row === null ? "" : this.draw.about(row, column);
    });
    document.addEventListener("copy", (event) => this.#copy(event));
    document.addEventListener("cut", (event) => this.#copy(event));
    if (given.mayRepair) this.#repair = new Repair(this);
    else this.view.root.setAttribute("aria-readonly", "true");
    connectForms(this);
    this.view.total = given.total;
    this.rows.want(0, 0);
    if (given.isOpen) setInterval(() => this.#look(), EVERY);
  }

  /** @param {number} first @param {number} count */
  #arrived(first, count) {
    if (!this.#isShown) this.#show();
    for (let place = first; place < first + count; place++) this.view.redrawRow(place);
    if (this.view.root.matches(":focus")) this.bubble.show(this.cells.active);
    void this.#check(first, count);
  }

  /** Rows that somebody has corrected before may be right by now, or still wrong. @param {number} first @param {number} count */
  async #check(first, count) {
    const { given, rows, edits } = this;
    const unknown = between(first, first + count - 1).flatMap((place) => rows.at(place) ?? [])
      .filter((row) => row.correction && !isSettled(row) && !edits.checks.has(row.row_number));
    if (!given.mayRepair || unknown.length === 0) return;
    const [from, to] = [unknown[0], unknown[unknown.length - 1]].map(({ row_number }) =>
      row_number
    );
    const found = await ask(`/runs/${given.run}/rows/checked?first=${from}&last=${to}`)
      .catch(() => null);
    edits.learn(found);
    this.count();
  }

  #show() {
    this.#isShown = true;
    this.place.querySelector(".plain")?.replaceWith(this.view.root);
    this.place.querySelector(".pages")?.replaceWith(this.bar.element);
    const fit = () => {
      this.fit();
      setWidths(this);
    };
    fit();
    addEventListener("resize", fit);
    if (this.given.mayRepair) new Suggestions(this);
    // The letters of the font that they were measured with may still be on their way.
    void document.fonts.ready.then(() => setWidths(this));
    if ([...this.rows.here()].some(([, { correction }]) => correction)) this.count();
    const wrong = [...this.rows.here()].map(([place]) => ({ place, at: this.wrongColumn(place) }))
      .find(({ at }) => at !== null);
    if (!wrong?.at) return;
    const { cells } = this;
    cells.active = cells.corner = { place: wrong.place, column: wrong.at };
    if (IS_NARROW) {
      void document.fonts.ready.then(() => this.view.reveal(wrong.place, wrong.at ?? 0));
    }
    if (this.view.total > this.rows.block) this.rows.lookAhead();
  }

  /** The grid ends where the window does. */
  fit() {
    const top = this.view.root.getBoundingClientRect().top + scrollY;
    const height = innerHeight - top - this.bar.element.offsetHeight - BELOW;
    this.view.root.style.maxHeight = `${Math.max(LOWEST, height)}px`;
  }

  /** @param {number} row its number */
  #changed(row) {
    const place = this.rows.placeOf(row);
    if (place !== null) this.view.redrawRow(place);
    if (this.view.root.matches(":focus")) {
      requestAnimationFrame(() => this.bubble.show(this.cells.active));
    }
  }

  /**
   * @param {import("./cells.js").Cell} cell
   * @returns {{row: import("./faults.js").Row, name: string} | null}
   */
  correctable({ place, column }) {
    const row = this.rows.at(place);
    if (row === null || column < OWN || isSettled(row)) return null;
    return { row, name: this.columns[column - OWN].name };
  }

  /** The next wrong one of a row. @param {number} place @param {number} after */
  wrongColumn(place, after = 0) {
    const row = this.rows.at(place);
    const all = this.columns.map((_, i) => i + OWN);
    return all.find((at) => at > after && row && this.draw.wrong(row, at) !== null) ?? null;
  }

  /** The server has other rows than those that are shown. */
  refresh() {
    this.rows.refresh();
    this.count();
  }

  /** How many rows are corrected. */
  count() {
    clearTimeout(this.#counting);
    this.#counting = setTimeout(async () => {
      const { checks } = this.edits;
      const bad = [...checks].filter(([, errors]) => errors !== null).map(([row]) => row);
      for (const [place, row] of this.rows.here()) {
        if (row.correction && this.wrongColumn(place) !== null) bad.push(row.row_number);
      }
      const limit = bad.length === 0 ? 1 : 500;
      const found = await ask(`${this.given.api}/corrections?limit=${limit}`).catch(() => null);
      if (found === null) return;
      const corrected = new Set(found.data.map((/** @type {any} */ row) => row.row_number));
      const wrong = new Set(bad.filter((row) => corrected.has(row))).size;
      const detail = { right: found.meta.total - wrong, wrong };
      dispatchEvent(new CustomEvent("rows-corrected", { detail }));
    }, COUNTED);
  }

  /** @param {ClipboardEvent} event */
  #copy(event) {
    if (document.activeElement !== this.view.root || event.clipboardData === null) return;
    const { first, last, from, to } = this.cells.block;
    const lines = between(first, last).map((place) => {
      const row = this.rows.at(place);
      return between(from, to).map((column) => row === null ? "" : this.draw.text(row, column));
    });
    event.clipboardData.setData("text/plain", writeBlock(lines));
    event.preventDefault();
  }

  /** @param {import("./ask.js").Refused} why */
  #refused({ status, message }) {
    const note = make("p", "note refused");
    note.setAttribute("role", "alert");
    note.textContent = status === 404
      ? "This run is no longer there: somebody has deleted it."
      : status === 401
      ? "You are no longer signed in. Open this page again to sign in."
      : message;
    this.place.parentElement?.querySelector(".note.refused")?.remove();
    this.place.before(note);
  }

  /** A run that is still going on fails more rows. */
  async #look() {
    if (document.visibilityState !== "visible" || this.given.query !== "") return;
    const found = await ask(`${this.given.api}?rows=0`).catch(() => null);
    if (found === null) return;
    const { progress, is_terminal: hasEnded } = found.data;
    if (hasEnded) return location.reload();
    const kept = progress.failed - progress.unlogged;
    if (kept === this.view.total) return;
    this.view.total = kept;
    this.rows.refresh();
  }
}

/** @param {Column} column */
function titleOf({ name, fills }) {
  const others = fills.filter((target) => target !== name);
  return others.length === 0 ? name : `${name} → ${others.join(", ")}`;
}

const place = document.getElementById("rows");
const given = document.getElementById("rows-data")?.textContent;
if (place !== null && given) new Grid(place, JSON.parse(given));
// No row has failed so far.
else if (document.querySelector("[data-awaited]")) setTimeout(() => location.reload(), EVERY);
