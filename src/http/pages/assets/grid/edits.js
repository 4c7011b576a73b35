/**
 * Corrections of cells: what somebody has typed, what the server has of it, and what it says of the rows.
 * They are sent at once, in order, and again when the server is back.
 */
import { ask, AWAY, Refused } from "./ask.js";

/** @typedef {import("./faults.js").Row} Row */
/** @typedef {import("./faults.js").RowErrors} RowErrors */

/**
 * `unsent`: only here. `checking`: on its way. `kept`: the server has it. `conflict`: somebody else has put
 * `theirs` there meanwhile. `refused`: it can't be in this cell, whatever the importer says.
 * @typedef {"unsent" | "checking" | "kept" | "conflict" | "refused"} State
 */
/**
 * @typedef {object} Edit
 * @property {number} row
 * @property {number} line
 * @property {string} name of the column
 * @property {string} value
 * @property {string | null} base what the server has there, as far as we know; null: it is too long
 * @property {State} state
 * @property {string} [theirs]
 * @property {string} [why] it is refused
 * @property {boolean} [overwrite]
 */
/** @typedef {{row: Row, name: string, value: string}} Change */
/** @typedef {{row: Row, name: string, before: string, after: string}} Done */

/** Of a request. A hundred rows are checked in some milliseconds. */
const MOST = 500;
/** Changes that can be undone. */
const STEPS = 200;

export class Edits {
  /** @type {Map<string, Edit>} */
  #edits = new Map();
  /** Those that have to be sent, in order. @type {Set<Edit>} */
  #queue = new Set();
  /** What the server has said of corrected rows. @type {Map<number, RowErrors | null>} */
  checks = new Map();
  /** @type {Done[][]} */
  #steps = [];
  #sending = false;
  #pause = AWAY.first;
  /** Why nothing is sent until somebody says so. @type {string | null} */
  stopped = null;

  /**
   * @param {string} api
   * @param {{changed: (row: number) => void, away: (isAway: boolean) => void, stopped: () => void,
   *   sent: (edits: Edit[], notes: string[]) => void}} on
   */
  constructor(api, on) {
    this.url = `${api}/corrections`;
    this.on = on;
    addEventListener("beforeunload", (event) => {
      if (this.unsent > 0) event.preventDefault();
    });
  }

  /** Edits that only this page knows. */
  get unsent() {
    return [...this.#edits.values()].filter(({ state }) => state !== "kept" && state !== "refused")
      .length;
  }

  /** @returns {Edit[]} */
  get conflicts() {
    return [...this.#edits.values()].filter(({ state }) => state === "conflict");
  }

  /** @param {Row} row @param {string} name */
  of({ row_number }, name) {
    return this.#edits.get(`${row_number} ${name}`) ?? null;
  }

  /** What the cell holds now. @param {Row} row @param {string} name */
  valueOf(row, name) {
    return this.of(row, name)?.value ?? row.correction?.values[name] ?? row.data[name] ?? "";
  }

  /** Is only the beginning of the value here? @param {Row} row @param {string} name */
  isCut(row, name) {
    if (this.of(row, name) !== null) return false;
    return row.correction?.values[name] !== undefined
      ? row.correction.cut?.includes(name) === true
      : row.cut?.includes(name) === true;
  }

  /** @param {Row} row @param {string} name */
  isCorrected(row, name) {
    const edit = this.of(row, name);
    return edit === null
      ? row.correction?.values[name] !== undefined
      : edit.value !== (row.data[name] ?? "");
  }

  /** @param {Change[]} changes */
  make(changes) {
    const done = this.#put(changes);
    if (done.length === 0) return;
    this.#steps.push(done);
    if (this.#steps.length > STEPS) this.#steps.shift();
  }

  /** Takes the last change back. Returns where it was. @returns {Done | null} */
  undo() {
    const step = this.#steps.pop();
    if (step === undefined) return null;
    // What somebody has changed since then stays.
    this.#put(
      step.filter(({ row, name, after }) => this.valueOf(row, name) === after)
        .map(({ row, name, before }) => ({ row, name, value: before })),
    );
    return step[0];
  }

  /** @param {Change[]} changes @returns {Done[]} */
  #put(changes) {
    /** @type {Done[]} */
    const done = [];
    for (const { row, name, value } of changes) {
      const before = this.valueOf(row, name);
      if (before === value) continue;
      const base = this.isCut(row, name) ? null : before;
      const key = `${row.row_number} ${name}`;
      const edit = this.#edits.get(key) ??
        { row: row.row_number, line: row.line, name, value, base, state: "unsent" };
      edit.value = value;
      edit.state = "unsent";
      this.#edits.set(key, edit);
      this.#queue.add(edit);
      this.on.changed(edit.row);
      done.push({ row, name, before, after: value });
    }
    void this.#send();
    return done;
  }

  /** Somebody else's value, or this one. @param {Edit} edit @param {boolean} isOurs */
  settle(edit, isOurs) {
    if (isOurs) {
      edit.overwrite = true;
      edit.state = "unsent";
      this.#queue.add(edit);
      void this.#send();
    } else {
      edit.value = edit.base = edit.theirs ?? "";
      edit.state = "kept";
    }
    this.on.changed(edit.row);
  }

  /** After somebody has said so. */
  sendAgain() {
    this.stopped = null;
    void this.#send();
  }

  /**
   * The rows are read anew: what the server has comes from there.
   * @param {(row: number) => boolean} isSame does what it has said of the row still hold?
   */
  forgetKept(isSame) {
    for (const row of this.checks.keys()) if (!isSame(row)) this.checks.delete(row);
    for (const [key, { state }] of this.#edits) if (state === "kept") this.#edits.delete(key);
  }

  /** @param {{rows: {row_number: number, errors: RowErrors | null}[]} | null} data */
  learn(data) {
    for (const { row_number, errors } of data?.rows ?? []) {
      this.checks.set(row_number, errors);
      this.on.changed(row_number);
    }
  }

  /** No longer what it was. @param {number} row @param {string | null} name null: the whole row */
  drop(row, name) {
    for (const [key, edit] of this.#edits) {
      if (edit.row !== row || (name !== null && edit.name !== name)) continue;
      this.#edits.delete(key);
      this.#queue.delete(edit);
    }
    this.checks.delete(row);
  }

  async #send() {
    if (this.#sending || this.stopped !== null || this.#queue.size === 0) return;
    this.#sending = true;
    const [first] = this.#queue;
    const edits = [...this.#queue].filter(({ overwrite }) => overwrite === first.overwrite).slice(
      0,
      MOST,
    );
    const sent = edits.map(({ value }) => value);
    for (const edit of edits) this.#turn(edit, "checking");
    let wait = 0;
    try {
      const { data } = await ask(this.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          corrections: edits.map(({ row, name, value, base, overwrite }) => ({
            ...{ row_number: row, column: name, value },
            ...(base !== null && !overwrite && { expected: base }),
          })),
          ...(first.overwrite && { overwrite: true }),
        }),
      });
      this.#arrived(edits, sent);
      this.learn(data);
      this.on.away(false);
      this.#pause = AWAY.first;
      this.on.sent(edits, data.notes);
    } catch (error) {
      for (const edit of edits) if (edit.state === "checking") this.#turn(edit, "unsent");
      if (error instanceof Refused) this.#refused(edits, error);
      else {
        this.on.away(true);
        wait = this.#pause;
        this.#pause = Math.min(2 * wait, AWAY.longest);
      }
    }
    this.#sending = false;
    if (wait === 0) void this.#send();
    else setTimeout(() => this.#send(), wait);
  }

  /** @param {Edit[]} edits @param {string[]} sent */
  #arrived(edits, sent) {
    edits.forEach((edit, i) => {
      edit.base = sent[i];
      delete edit.overwrite;
      if (edit.value !== sent[i] || edit.state !== "checking") return;
      this.#queue.delete(edit);
      this.#turn(edit, "kept");
    });
  }

  /** None of them is kept. @param {Edit[]} edits @param {Refused} refused */
  #refused(edits, { status, message, body }) {
    let isSolved = false;
    for (const { row_number, column, value } of body.current ?? []) {
      const edit = edits.find(({ row, name }) => row === row_number && name === column);
      if (edit === undefined) continue;
      edit.theirs = value;
      this.#queue.delete(edit);
      this.#turn(edit, "conflict");
      isSolved = true;
    }
    for (const [field, problems] of Object.entries(body.errors ?? {})) {
      const edit = edits[Number(/^corrections\.(\d+)/u.exec(field)?.[1] ?? NaN)];
      if (edit === undefined) continue;
      edit.why = problems[0];
      this.#queue.delete(edit);
      this.#turn(edit, "refused");
      isSolved = true;
    }
    // The others can be sent without these.
    if (!isSolved) this.stopped = status === 401 ? "You are no longer signed in." : message;
    this.on.stopped();
  }

  /** @param {Edit} edit @param {State} state */
  #turn(edit, state) {
    edit.state = state;
    this.on.changed(edit.row);
  }
}
