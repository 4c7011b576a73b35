/**
 * Draws the part of a large grid that can be seen. The drawn rows stand in a frame that stays where it is
 * while its container scrolls, so the height of the container needn't be that of all rows: browsers
 * don't make elements higher than 17 million pixels or so.
 */

import { between, make } from "./parts.js";

/** Pixels. */
const ROW = 34;
const HEAD = 36;
const HIGHEST = 8_000_000;
/** Rows and pixels that are drawn beyond what can be seen. */
const MORE_ROWS = 6;
const MORE_WIDTH = 400;
/** Milliseconds without scrolling after which the scroll bar is set right. */
const CALM = 200;

/**
 * @typedef {object} GridColumn
 * @property {string} name
 * @property {string} [title]
 * @property {number} width in pixels
 */
/**
 * @typedef {object} Drawing what the view is a view of
 * @property {GridColumn[]} columns the first one always stays in view
 * @property {(row: HTMLElement, place: number, from: number, to: number) => void} drawRow
 * @property {(first: number, last: number) => void} look
 */

export class View {
  /** @type {Map<number, HTMLElement>} */
  #drawn = new Map();
  /** Columns that are drawn: from, to. */
  #range = [0, 0];
  /** Pixels of the rows above the frame. */
  #top = 0;
  #scrolled = 0;
  #total = 0;
  #calm = 0;
  #frame = 0;
  /** Pixels from the left, for each column. @type {number[]} */
  lefts = [];
  width = 0;

  /** @param {Drawing} drawing @param {string} label */
  constructor(drawing, label) {
    this.drawing = drawing;
    this.root = make("div", "grid");
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "grid");
    this.root.setAttribute("aria-label", label);
    this.space = make("div", "space");
    this.head = make("div", "row head");
    this.head.setAttribute("role", "row");
    this.head.setAttribute("aria-rowindex", "1");
    this.body = make("div", "body");
    this.body.setAttribute("role", "rowgroup");
    this.window = make("div", "frame");
    this.window.append(this.head, this.body);
    this.space.append(this.window);
    for (const part of [this.space, this.window]) part.setAttribute("role", "presentation");
    this.root.append(this.space);
    this.root.addEventListener("scroll", () => this.#scroll(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.root);
    this.measure();
  }

  /** The columns have other widths. */
  measure() {
    const { columns } = this.drawing;
    let at = 0;
    this.lefts = columns.map(({ width }) => (at += width) - width);
    this.width = at;
    this.space.style.width = `${at}px`;
    this.root.setAttribute("aria-colcount", String(columns.length));
    this.redraw();
  }

  get total() {
    return this.#total;
  }

  set total(rows) {
    this.#total = rows;
    this.root.setAttribute("aria-rowcount", String(rows + 1));
    this.space.style.height = `${HEAD + Math.min(rows * ROW, HIGHEST)}px`;
    this.draw();
  }

  /** Pixels that the rows have in the frame. */
  get #room() {
    return Math.max(ROW, this.root.clientHeight - HEAD);
  }

  get #farthest() {
    return Math.max(0, this.#total * ROW - this.#room);
  }

  get #farthestScroll() {
    return Math.max(0, HEAD + Math.min(this.#total * ROW, HIGHEST) - this.root.clientHeight);
  }

  get #isScaled() {
    return this.#total * ROW > HIGHEST;
  }

  #scroll() {
    const { scrollTop } = this.root;
    const moved = scrollTop - this.#scrolled;
    this.#scrolled = scrollTop;
    if (!this.#isScaled) this.#top = scrollTop;
    else if (scrollTop <= 0) this.#top = 0;
    else if (scrollTop >= this.#farthestScroll - 1) this.#top = this.#farthest;
    // A wheel moves the rows by as much as it moves everything else. Dragging the bar moves them far.
    else if (Math.abs(moved) <= 2 * this.root.clientHeight) {
      this.#top = this.#within(this.#top + moved);
    } else this.#top = scrollTop / this.#farthestScroll * this.#farthest;
    if (this.#isScaled && moved !== 0) {
      clearTimeout(this.#calm);
      this.#calm = setTimeout(() => this.#setBar(), CALM);
    }
    this.draw();
  }

  /** @param {number} top */
  #within(top) {
    return Math.max(0, Math.min(top, this.#farthest));
  }

  #setBar() {
    const share = this.#isScaled ? this.#farthestScroll / this.#farthest : 1;
    this.root.scrollTop = Math.round(this.#top * share);
    this.#scrolled = this.root.scrollTop;
  }

  draw() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Everything, because other things have changed than where somebody looks. */
  redraw() {
    for (const row of this.#drawn.values()) delete row.dataset.from;
    this.draw();
  }

  /** @param {number} place */
  redrawRow(place) {
    const row = this.#drawn.get(place);
    if (row === undefined) return;
    delete row.dataset.from;
    this.draw();
  }

  #draw() {
    this.#frame = 0;
    const { root, body } = this;
    if (root.clientHeight === 0) return;
    this.#top = this.#within(this.#top);
    this.window.style.height = `${root.clientHeight}px`;
    const first = Math.max(0, Math.floor(this.#top / ROW) - MORE_ROWS);
    const last = Math.min(this.#total - 1, Math.ceil((this.#top + this.#room) / ROW) + MORE_ROWS);
    const [from, to] = this.#columns();
    for (const [place, row] of this.#drawn) {
      if (place >= first && place <= last) continue;
      row.remove();
      this.#drawn.delete(place);
    }
    let next = body.firstElementChild;
    for (let place = first; place <= last; place++) {
      let row = this.#drawn.get(place);
      if (row === undefined) {
        row = make("div", "row");
        row.setAttribute("role", "row");
        row.setAttribute("aria-rowindex", String(place + 2));
        this.#drawn.set(place, row);
      }
      if (row === next) next = row.nextElementSibling;
      else body.insertBefore(row, next);
      row.style.transform = `translateY(${Math.round(HEAD + place * ROW - this.#top)}px)`;
      if (row.dataset.from === `${from}-${to}`) continue;
      row.dataset.from = `${from}-${to}`;
      this.drawing.drawRow(row, place, from, to);
    }
    this.#drawHead(from, to);
    this.drawing.look(
      Math.floor(this.#top / ROW),
      Math.min(last, Math.ceil((this.#top + this.#room) / ROW)),
    );
  }

  /** Those that can be seen, beside the first one. @returns {[number, number]} */
  #columns() {
    const { columns } = this.drawing;
    const { scrollLeft, clientWidth } = this.root;
    let from = 1;
    while (from < columns.length - 1 && this.lefts[from + 1] < scrollLeft - MORE_WIDTH) from++;
    let to = from;
    while (to < columns.length - 1 && this.lefts[to + 1] < scrollLeft + clientWidth + MORE_WIDTH) {
      to++;
    }
    // Small steps, so that most movements draw nothing new.
    this.#range = this.#range[0] <= from && this.#range[1] >= to &&
        to - from + 8 > this.#range[1] - this.#range[0]
      ? this.#range
      : [from, to];
    return [
      Math.min(this.#range[0], columns.length - 1),
      Math.min(this.#range[1], columns.length - 1),
    ];
  }

  /** @param {number} from @param {number} to */
  #drawHead(from, to) {
    const key = `${from}-${to}-${this.width}`;
    if (this.head.dataset.from === key) return;
    this.head.dataset.from = key;
    this.head.replaceChildren();
    for (const column of [0, ...between(from, to)]) {
      const { name, title } = this.drawing.columns[column];
      const cell = this.cell(column, "columnheader", this.head);
      cell.title = title ?? name;
      const text = document.createElement("bdi");
      text.textContent = name;
      cell.append(text);
    }
  }

  /** A new cell at the end of a row. @param {number} column @param {string} role @param {HTMLElement} row */
  cell(column, role, row) {
    const cell = make("div", "cell");
    cell.setAttribute("role", role);
    cell.setAttribute("aria-colindex", String(column + 1));
    cell.dataset.column = String(column);
    cell.style.width = `${this.drawing.columns[column].width}px`;
    if (column > 0) cell.style.left = `${this.lefts[column]}px`;
    row.append(cell);
    return cell;
  }

  /** Scrolls as little as needed. @param {number} place @param {number} column */
  reveal(place, column) {
    const y = place * ROW;
    if (y < this.#top) this.#top = y;
    else if (y + ROW > this.#top + this.#room) this.#top = this.#within(y + ROW - this.#room);
    this.#setBar();
    if (column > 0) {
      const { root, drawing: { columns } } = this;
      const stays = columns[0].width;
      const [left, width] = [this.lefts[column], columns[column].width];
      if (left - stays < root.scrollLeft) root.scrollLeft = left - stays;
      else if (left + width > root.scrollLeft + root.clientWidth) {
        root.scrollLeft = Math.min(left - stays, left + width - root.clientWidth);
      }
    }
    // Now: whoever reveals a cell wants to have it.
    cancelAnimationFrame(this.#frame);
    this.#draw();
  }

  /** How many rows can be seen. */
  get visibleRows() {
    return Math.max(1, Math.floor(this.#room / ROW) - 1);
  }

  /** @param {number} place @param {number} column @returns {HTMLElement | null} */
  element(place, column) {
    return this.#drawn.get(place)?.querySelector(`[data-column="${column}"]`) ?? null;
  }

  /** @param {EventTarget | null} target @returns {{place: number, column: number} | null} */
  cellOf(target) {
    const cell = target instanceof Element ? target.closest(".cell") : null;
    const row = cell?.parentElement;
    if (!(cell instanceof HTMLElement) || !row || row === this.head) return null;
    const place = Number(row.getAttribute("aria-rowindex")) - 2;
    return { place, column: Number(cell.dataset.column) };
  }
}
