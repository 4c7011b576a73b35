/** Where somebody is in the grid: one cell, and the block that is marked from it. */

/**
 * @typedef {object} Cell
 * @property {number} place of the row
 * @property {number} column
 */
/** @typedef {import("./view.js").View} View */

export class Cells {
  /** @type {Cell} */
  active = { place: 0, column: 0 };
  /** Has somebody chosen a cell? */
  isUsed = false;
  /** The other corner of the marked block. @type {Cell} */
  corner = { place: 0, column: 0 };

  /** @param {View} view @param {() => void} moved */
  constructor(view, moved) {
    this.view = view;
    this.moved = moved;
    view.root.addEventListener("keydown", (event) => this.#key(event));
    view.root.addEventListener("pointerdown", (event) => this.#press(event));
  }

  /** The marked block. */
  get block() {
    const { active: a, corner: b } = this;
    return {
      first: Math.min(a.place, b.place),
      last: Math.max(a.place, b.place),
      from: Math.min(a.column, b.column),
      to: Math.max(a.column, b.column),
    };
  }

  /** @param {number} place @param {number} column */
  isMarked(place, column) {
    const { first, last, from, to } = this.block;
    return place >= first && place <= last && column >= from && column <= to;
  }

  /** @param {Cell} cell @param {boolean} [extends_] keeps the other corner */
  go({ place, column }, extends_ = false) {
    const { view } = this;
    const before = this.block;
    this.isUsed = true;
    this.active = {
      place: Math.max(0, Math.min(place, view.total - 1)),
      column: Math.max(0, Math.min(column, view.drawing.columns.length - 1)),
    };
    if (!extends_) this.corner = this.active;
    const after = this.block;
    const [first, last] = [Math.min(before.first, after.first), Math.max(before.last, after.last)];
    if (last - first > 200) view.redraw();
    else for (let row = first; row <= last; row++) view.redrawRow(row);
    view.reveal(this.active.place, this.active.column);
    const element = view.element(this.active.place, this.active.column);
    if (element !== null) view.root.setAttribute("aria-activedescendant", element.id);
    this.moved();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.defaultPrevented || event.target !== this.view.root || event.altKey) return;
    const to = this.#target(event);
    if (to === null) return;
    event.preventDefault();
    this.go(to, event.shiftKey);
  }

  /** @param {KeyboardEvent} event @returns {Cell | null} */
  #target({ key, ctrlKey, metaKey }) {
    const { place, column } = this.active;
    const far = ctrlKey || metaKey;
    const [lastRow, lastColumn] = [this.view.total - 1, this.view.drawing.columns.length - 1];
    const page = this.view.visibleRows;
    switch (key) {
      case "ArrowDown":
        return { place: far ? lastRow : place + 1, column };
      case "ArrowUp":
        return { place: far ? 0 : place - 1, column };
      case "ArrowRight":
        return { place, column: far ? lastColumn : column + 1 };
      case "ArrowLeft":
        return { place, column: far ? 0 : column - 1 };
      case "PageDown":
        return { place: place + page, column };
      case "PageUp":
        return { place: place - page, column };
      case "Home":
        return far ? { place: 0, column: 0 } : { place, column: 0 };
      case "End":
        return far ? { place: lastRow, column: lastColumn } : { place, column: lastColumn };
      default:
        return null;
    }
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const cell = this.view.cellOf(event.target);
    if (cell === null || event.button !== 0) return;
    this.go(cell, event.shiftKey);
    if (event.pointerType === "touch") return;
    const { root } = this.view;
    /** @param {PointerEvent} moved */
    const drag = (moved) => {
      const over = this.view.cellOf(document.elementFromPoint(moved.clientX, moved.clientY));
      const isElsewhere = over?.place !== this.active.place || over.column !== this.active.column;
      if (over !== null && isElsewhere) this.go(over, true);
    };
    root.addEventListener("pointermove", drag);
    addEventListener("pointerup", () => root.removeEventListener("pointermove", drag), {
      once: true,
    });
  }
}
