/** Where a cell's value is typed: over the cell, as large as the value needs. */
import { whenMoved } from "./parts.js";

/** @typedef {import("./cells.js").Cell} Cell */
/** @typedef {import("./view.js").View} View */

/** Pixels. */
const LEAST = 120, BORDER = 4, SPARE = 14, EDGE = 8;

/** What comes after a value is typed: rows down, columns to the right. */
const AFTER = {
  /** @type {[number, number]} */ down: [1, 0],
  /** @type {[number, number]} */ up: [-1, 0],
  /** @type {[number, number]} */ right: [0, 1],
  /** @type {[number, number]} */ left: [0, -1],
};

export class Editor {
  /** @type {Cell | null} */
  cell = null;
  #given = "";

  /**
   * @param {View} view
   * @param {{commit: (cell: Cell, value: string) => void, left: (moved: [number, number] | null) => void}} on
   */
  constructor(view, on) {
    this.view = view;
    this.on = on;
    this.input = document.createElement("textarea");
    this.input.className = "editor";
    this.input.rows = 1;
    this.input.spellcheck = false;
    this.input.setAttribute("autocomplete", "off");
    this.input.hidden = true;
    document.body.append(this.input);
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("input", () => this.place());
    this.input.addEventListener("blur", () => this.end(true, null));
    // Once the rows are drawn where they are then.
    const follow = () => requestAnimationFrame(() => this.#follow());
    for (const moved of [view.root, globalThis]) {
      moved.addEventListener("scroll", follow, { passive: true });
    }
    addEventListener("resize", () => this.place());
    whenMoved(view.root, () => this.place());
  }

  get isOpen() {
    return this.cell !== null;
  }

  /**
   * @param {Cell} cell
   * @param {{label: string, value: string, typed: string | null, why: string}} given `typed`: instead of
   *   the value, because somebody has begun to type
   */
  open(cell, { label, value, typed, why }) {
    this.cell = cell;
    this.#given = value;
    this.input.value = typed ?? value;
    this.input.setAttribute("aria-label", label);
    this.input.setAttribute("aria-description", why);
    this.input.setAttribute("aria-invalid", String(why !== ""));
    this.input.hidden = false;
    this.place();
    this.input.focus({ preventScroll: true });
    if (typed === null) this.input.select();
    else this.input.setSelectionRange(typed.length, typed.length);
  }

  /** @param {boolean} keeps @param {[number, number] | null} moved null: the focus went elsewhere */
  end(keeps, moved) {
    const { cell } = this;
    if (cell === null) return;
    this.cell = null;
    const { value } = this.input;
    this.input.hidden = true;
    if (keeps && value !== this.#given) this.on.commit(cell, value);
    this.on.left(moved);
  }

  /** Over its cell, wherever that is now, and as large as the value. */
  place() {
    if (this.cell === null) return;
    const { input, view } = this;
    const at = view.element(this.cell.place, this.cell.column)?.getBoundingClientRect();
    if (at === undefined) return;
    const most = innerWidth - 2 * EDGE;
    const { style } = input;
    // No lines are broken, unless one is wider than the window.
    input.wrap = "off";
    style.width = "0";
    style.height = "0";
    const wide = Math.max(at.width, LEAST, input.scrollWidth + SPARE);
    if (wide > most) input.wrap = "soft";
    style.width = `${Math.min(wide, most)}px`;
    const left = Math.max(at.left, view.root.getBoundingClientRect().left);
    style.left = `${Math.max(EDGE, Math.min(left, innerWidth - EDGE - Math.min(wide, most)))}px`;
    const high = Math.max(at.height, input.scrollHeight + BORDER);
    const highest = innerHeight - 2 * EDGE;
    style.height = `${Math.min(high, highest)}px`;
    style.top = `${Math.max(EDGE, Math.min(at.top, innerHeight - EDGE - high))}px`;
    style.overflow = high > highest ? "auto" : "hidden";
  }

  /** Goes with its cell, and is left as by a click elsewhere when that is out of sight. */
  #follow() {
    if (this.cell === null) return;
    const { view } = this;
    const at = view.element(this.cell.place, this.cell.column)?.getBoundingClientRect();
    const frame = view.root.getBoundingClientRect();
    const isSeen = at && at.top >= frame.top && at.bottom <= frame.bottom + EDGE &&
      at.right > frame.left && at.left < frame.right;
    if (isSeen) return this.place();
    this.end(true, null);
    view.root.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const { key, shiftKey } = event;
    if (key === "Enter" && (event.altKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.input.setRangeText("\n", this.input.selectionStart, this.input.selectionEnd, "end");
      return this.place();
    }
    if (key === "Enter" || key === "Tab") {
      event.preventDefault();
      const to = key === "Enter" ? shiftKey ? "up" : "down" : shiftKey ? "left" : "right";
      return this.end(true, AFTER[to]);
    }
    if (key !== "Escape") return;
    event.preventDefault();
    this.end(false, [0, 0]);
  }
}
