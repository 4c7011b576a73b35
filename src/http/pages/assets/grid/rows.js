/** The failed rows of a run, fetched in blocks as somebody looks at them. Old blocks are forgotten. */
import { ask, AWAY, Refused } from "./ask.js";
import { say } from "../page.js";

/** @typedef {import("./faults.js").Row} Row */

const BLOCK = 100;
/** Rows of long texts take up to 64 kB each, so these are at most some hundred MB, and usually two. */
const MOST_BLOCKS = 40;
/** At the same time. */
const MOST_REQUESTS = 3;

export class Rows {
  /** By their place, the least recently used first. @type {Map<number, Row[]>} */
  #blocks = new Map();
  /** @type {Set<number>} */
  #asking = new Set();
  /** @type {number[]} */
  #wanted = [];
  /** Blocks whose rows may be other ones by now. @type {Set<number>} */
  #old = new Set();
  /** The rows that somebody looks at. */
  #seen = [0, 0];
  #pause = AWAY.first;
  block = BLOCK;

  /**
   * @param {{api: string, run: number, query: string}} of `query`: the errors that rows have to have
   * @param {{changed: (first: number, rows: number) => void, refused: (why: Refused) => void}} on
   */
  constructor({ api, run, query }, on) {
    this.url = `${api}/rows?status=failed&${query === "" ? "" : `${query}&`}`;
    this.places = `/runs/${run}/rows/places?${query}`;
    this.tried = `/runs/${run}/rows/tried?`;
    this.on = on;
  }

  /** @param {number} place @returns {Row | null} */
  at(place) {
    return this.#blocks.get(Math.floor(place / BLOCK))?.[place % BLOCK] ?? null;
  }

  /** @param {number} row its number @returns {number | null} null: it is not here */
  placeOf(row) {
    for (const [block, rows] of this.#blocks) {
      const [first, last] = [rows[0], rows[rows.length - 1]];
      if (first === undefined || row < first.row_number || row > last.row_number) continue;
      const at = rows.findIndex(({ row_number }) => row_number === row);
      if (at !== -1) return block * BLOCK + at;
    }
    return null;
  }

  /** All that are here. @returns {Generator<[number, Row]>} */
  *here() {
    for (const [block, rows] of this.#blocks) {
      for (let i = 0; i < rows.length; i++) yield [block * BLOCK + i, rows[i]];
    }
  }

  /** Fetches those that are not here. Throws as `ask` does. @param {number} first @param {number} last */
  async load(first, last) {
    for (let block = Math.floor(first / BLOCK); block * BLOCK <= last; block++) {
      if (!this.#blocks.has(block)) this.#keep(block, await this.#read(block));
    }
  }

  /** Somebody looks at these. @param {number} first @param {number} last */
  want(first, last) {
    this.#seen = [first, last];
    this.#wanted = [];
    for (let block = Math.floor(first / BLOCK); block * BLOCK <= last; block++) {
      const rows = this.#blocks.get(block);
      if (rows === undefined || this.#old.has(block)) this.#wanted.push(block);
      if (rows === undefined) continue;
      this.#blocks.delete(block);
      this.#blocks.set(block, rows);
    }
    this.#ask();
  }

  /** They may be other ones by now. What is shown stays until they are here. */
  refresh() {
    this.#cursors = null;
    this.#after.clear();
    const [first, last] = this.#seen;
    for (const block of this.#blocks.keys()) {
      const isSeen = block >= Math.floor(first / BLOCK) && block * BLOCK <= last;
      if (isSeen) this.#old.add(block);
      else this.#blocks.delete(block);
    }
    this.want(first, last);
  }

  #ask() {
    for (const block of this.#wanted) {
      if (this.#asking.size >= MOST_REQUESTS) return;
      if (!this.#asking.has(block)) void this.#fetch(block);
    }
  }

  /** @param {number} block */
  async #fetch(block) {
    this.#asking.add(block);
    this.#old.delete(block);
    let wait = 0;
    try {
      const rows = await this.#read(block);
      this.#keep(block, rows);
      this.#wanted = this.#wanted.filter((other) => other !== block || this.#old.has(block));
      say(null);
      this.#pause = AWAY.first;
      this.on.changed(block * BLOCK, rows.length);
    } catch (error) {
      if (error instanceof Refused) {
        this.#wanted = [];
        this.on.refused(error);
      } else {
        say("The server can’t be reached at the moment. It is tried again by itself.");
        this.#old.add(block);
        wait = this.#pause;
        this.#pause = Math.min(2 * wait, AWAY.longest);
      }
    }
    this.#asking.delete(block);
    if (wait === 0) this.#ask();
    else setTimeout(() => this.#ask(), wait);
  }

  /** A page may have fewer rows than asked for, if they are long. @param {number} block */
  async #read(block) {
    /** @type {Row[]} */
    const rows = [];
    let cursor = await this.#cursorOf(block);
    while (cursor !== null && rows.length < BLOCK) {
      const page = await ask(`${this.url}cursor=${cursor}&limit=${BLOCK - rows.length}`);
      rows.push(...page.data);
      await this.#addTried(page.data);
      cursor = page.meta.next_cursor;
    }
    if (cursor !== null) this.#after.set(block, cursor);
    return rows;
  }

  /** What has fixed rows. @param {Row[]} rows */
  async #addTried(rows) {
    const fixed = rows.filter(({ resolved_by_run_id: by }) => by !== undefined);
    if (fixed.length === 0) return;
    const range = `first=${fixed[0].row_number}&last=${fixed[fixed.length - 1].row_number}`;
    const { tried } = await ask(`${this.tried}${range}`);
    for (const row of fixed) row.correction = tried[row.row_number];
  }

  /** Where blocks end that were read. @type {Map<number, string>} */
  #after = new Map();
  /** After which row each block begins. @type {Promise<number[]> | null} */
  #cursors = null;

  /** Asks where all blocks begin, before somebody wants to go there. */
  lookAhead() {
    this.#cursors ??= ask(this.places).then(({ cursors }) => cursors);
    this.#cursors.catch(() => this.#cursors = null);
  }

  /** @param {number} block @returns {Promise<string | null>} */
  async #cursorOf(block) {
    const known = block === 0 ? "0" : this.#after.get(block - 1);
    if (known !== undefined) return known;
    this.lookAhead();
    return String((await this.#cursors)?.[block] ?? "") || null;
  }

  /** @param {number} block @param {Row[]} rows */
  #keep(block, rows) {
    this.#blocks.delete(block);
    this.#blocks.set(block, rows);
    for (const old of this.#blocks.keys()) {
      if (this.#blocks.size <= MOST_BLOCKS) break;
      this.#blocks.delete(old);
    }
  }
}
