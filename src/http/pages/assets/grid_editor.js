/** Where a cell's value is typed: over the cell, as large as the value needs. */

/** @typedef {import("./grid_cells.js").Cell} Cell */
/** @typedef {import("./grid_view.js").View} View */

const LEAST = 120;

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
    view.root.addEventListener("scroll", () => this.place(), { passive: true });
    addEventListener("resize", () => this.place());
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

  /** Over its cell, wherever that is now. */
  place() {
    if (this.cell === null) return;
    const { input, view } = this;
    const element = view.element(this.cell.place, this.cell.column);
    input.classList.toggle("out", element === null);
    if (element === null) return;
    const at = element.getBoundingClientRect();
    const frame = view.root.getBoundingClientRect();
    const left = Math.max(frame.left, at.left);
    input.style.left = `${left}px`;
    input.style.top = `${at.top}px`;
    const room = Math.max(LEAST, Math.min(480, innerWidth - left - 12));
    input.style.width = `${Math.min(Math.max(at.width, LEAST), room)}px`;
    input.style.height = "auto";
    if (input.scrollWidth > input.clientWidth || input.value.length > 40) {
      input.style.width = `${room}px`;
    }
    input.style.maxHeight = `${Math.max(at.height, Math.min(320, innerHeight - at.top - 12))}px`;
    input.style.height = `${Math.max(at.height, input.scrollHeight + 2)}px`;
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
