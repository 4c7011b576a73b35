/** Draws rows: what the cells hold, which are wrong, which are corrected, and how far that is. */
import { faultsOf, headingOf, shorten as shortMessage } from "./faults.js";
import { between, make } from "./parts.js";

/** @typedef {import("./faults.js").Row} Row */
/** @typedef {import("./faults.js").Column} Column */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./edits.js").Edits} Edits */

/** Columns before those of the file: where it is there, what is wrong. */
export const OWN = 2;
export const WHY = 1;
/** Characters of a value in a cell. */
const LONGEST = 200;

export class Draw {
  /**
   * @param {Column[]} columns
   * @param {Edits} edits
   * @param {(place: number) => Row | null} rowAt
   * @param {string | null} reason of all that are waived, if it is the same
   */
  constructor(columns, edits, rowAt, reason) {
    this.reason = reason;
    this.columns = columns;
    this.edits = edits;
    this.rowAt = rowAt;
  }

  /** @param {Row} row */
  #faults(row) {
    const checked = this.edits.checks.get(row.row_number);
    return faultsOf(checked === undefined ? row.errors : checked, this.columns);
  }

  /** What is wrong with a cell as it is now; null: nothing that is known. @param {Row} row @param {number} column */
  wrong(row, column) {
    if (isSettled(row) || column < OWN) return null;
    const { name } = this.columns[column - OWN];
    const edit = this.edits.of(row, name);
    if (edit?.why !== undefined && edit.state === "refused") return edit.why;
    const text = this.#faults(row).cells.get(column - OWN) ?? null;
    const isChecked = this.edits.checks.has(row.row_number) &&
      (edit === null || edit.state === "kept");
    return isChecked || !this.edits.isCorrected(row, name) ? text : null;
  }

  /** The row's state in a line. @param {Row} row @returns {{text: string, tone: string}} */
  state(row) {
    const { resolved_by_run_id: by, waived, row_number, correction } = row;
    if (by !== undefined) return { text: `Fixed by run ${by}`, tone: "good" };
    if (waived) {
      return { text: this.reason === null ? "Left out" : `Left out: ${this.reason}`, tone: "" };
    }
    const checked = this.edits.checks.get(row_number);
    if (checked === null) return { text: "✓ Ready to retry", tone: "good" };
    if (checked === undefined && correction !== undefined) {
      const left = this.columns.map((_, i) => this.wrong(row, i + OWN)).filter((text) =>
        text !== null
      );
      return left.length === 0
        ? { text: "Corrected, not tried yet", tone: "changed" }
        : { text: left.map(shortMessage).join(" "), tone: "" };
    }
    return { text: this.#faults(row).reason, tone: "" };
  }

  /** What a cell holds, as text. @param {Row} row @param {number} column */
  text(row, column) {
    if (column >= OWN) return this.edits.valueOf(row, this.columns[column - OWN].name);
    return column === WHY
      ? this.state(row).text
      : row.file === undefined
      ? String(row.line)
      : headingOf(row);
  }

  /**
   * @param {View} view @param {HTMLElement} element @param {number} place @param {number[]} range
   * @param {{isMarked: (place: number, column: number) => boolean, active: {place: number, column: number}}} cells
   */
  row(view, element, place, [from, to], cells) {
    const row = this.rowAt(place);
    element.replaceChildren();
    element.className = `row ${row === null ? "waiting" : this.#tone(row)}`;
    for (const column of [0, ...between(from, to)]) {
      const cell = view.cell(column, column === 0 ? "rowheader" : "gridcell", element);
      cell.id = `c${place}-${column}`;
      const isMarked = cells.isMarked(place, column);
      if (isMarked) cell.setAttribute("aria-selected", "true");
      if (isMarked) cell.classList.add("marked");
      if (cells.active.place === place && cells.active.column === column) {
        cell.classList.add("active");
      }
      if (row !== null) this.#cell(cell, row, column);
    }
  }

  /** @param {Row} row */
  #tone(row) {
    return isSettled(row)
      ? "settled"
      : this.edits.checks.get(row.row_number) === null
      ? "ready"
      : "";
  }

  /** @param {HTMLElement} cell @param {Row} row @param {number} column */
  #cell(cell, row, column) {
    const text = document.createElement("bdi");
    cell.append(text);
    if (column < OWN) {
      cell.classList.add(["n", "why"][column]);
      const state = this.state(row);
      if (column === WHY && state.tone !== "") cell.classList.add(state.tone);
      text.textContent = column === WHY ? inLine(state.text) : headingOf(row);
      return;
    }
    const { name } = this.columns[column - OWN];
    const value = this.edits.valueOf(row, name);
    if (value === "") cell.classList.add("blank");
    else text.textContent = inLine(value);
    const edit = this.edits.of(row, name);
    if (this.edits.isCorrected(row, name)) cell.classList.add("changed");
    if (edit !== null) cell.classList.add(edit.state);
    const wrong = this.wrong(row, column);
    if (wrong !== null) cell.classList.add("wrong");
    if (wrong !== null) cell.setAttribute("aria-invalid", "true");
    const about = this.about(row, column);
    if (about === "") return;
    const told = make("span");
    told.hidden = true;
    told.id = `${cell.id}-about`;
    told.textContent = about;
    cell.setAttribute("aria-describedby", told.id);
    cell.append(told);
  }

  /** What there is to say about a cell; a line for each thing. @param {Row} row @param {number} column */
  about(row, column) {
    if (column < OWN) {
      const state = this.state(row).text;
      const reason = this.#faults(row).reason;
      return whole(isSettled(row) && state !== reason ? `${state}\n${reason}` : state);
    }
    const { name } = this.columns[column - OWN];
    const lines = [];
    const wrong = this.wrong(row, column);
    if (wrong !== null) lines.push(wrong);
    const edit = this.edits.of(row, name);
    if (edit?.state === "unsent") lines.push("Not sent yet.");
    if (edit?.state === "checking") lines.push("Being checked …");
    if (edit?.state === "conflict") {
      lines.push(`Somebody else has put “${whole(edit.theirs ?? "")}” here meanwhile.`);
    }
    if (this.edits.isCorrected(row, name)) {
      const before = row.data[name] ?? "";
      lines.push(before === "" ? "It was empty in the file." : `In the file: “${whole(before)}”`);
    }
    if (this.edits.isCut(row, name)) lines.push("Only its beginning is shown.");
    return lines.join("\n");
  }
}

/** Nothing is to be done about it. @param {Row} row */
export function isSettled({ resolved_by_run_id: by, waived }) {
  return by !== undefined || waived === true;
}

/** @param {string} value */
function inLine(value) {
  return shorten(value, LONGEST).replace(/\r\n|[\r\n]/gu, " ↵ ").replace(/\t/gu, " ⇥ ");
}

/** @param {string} value */
function whole(value) {
  return shorten(value, 2 * LONGEST);
}

/** @param {string} value @param {number} longest */
export function shorten(value, longest) {
  return value.length > longest ? `${value.slice(0, longest).toWellFormed()}…` : value;
}
