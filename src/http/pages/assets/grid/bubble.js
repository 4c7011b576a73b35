/** Says beside a cell what is wrong with it: the one that somebody is at, or points to. */
import { make, whenMoved } from "./parts.js";

/** @typedef {import("./cells.js").Cell} Cell */
/** @typedef {import("./view.js").View} View */

export class Bubble {
  /** @type {Cell | null} */
  #at = null;

  /** @param {View} view @param {(cell: Cell) => string} tell */
  constructor(view, tell) {
    this.view = view;
    this.tell = tell;
    this.element = make("div", "bubble");
    this.element.setAttribute("aria-hidden", "true");
    document.body.append(this.element);
    this.hide();
    // Whoever types doesn't point to anything, though the mouse still lies somewhere.
    let types = false;
    addEventListener("keydown", () => types = true, { capture: true });
    addEventListener("pointermove", ({ movementX, movementY }) => {
      if (movementX !== 0 || movementY !== 0) types = false;
    }, { capture: true, passive: true });
    view.root.addEventListener("pointerover", ({ target, pointerType }) => {
      if (pointerType === "touch" || types) return;
      const cell = view.cellOf(target);
      if (cell !== null) this.show(cell);
    });
    view.root.addEventListener("scroll", () => this.hide(), { passive: true });
    view.root.addEventListener("pointerleave", () => types || this.hide());
    view.root.addEventListener("blur", () => this.hide());
    whenMoved(view.root, () => this.#at && this.show(this.#at));
  }

  hide() {
    this.#at = null;
    this.element.hidden = true;
  }

  /** @param {Cell} cell */
  show(cell) {
    const about = this.tell(cell);
    const element = this.view.element(cell.place, cell.column);
    if (about === "" || element === null || !this.view.root.isConnected) return this.hide();
    const { element: bubble } = this;
    bubble.textContent = about;
    bubble.hidden = false;
    // Else it is as narrow as the place where it was.
    bubble.style.left = "0";
    this.#at = cell;
    const at = element.getBoundingClientRect();
    const frame = this.view.root.getBoundingClientRect();
    const left = Math.max(
      8,
      Math.min(Math.max(at.left, frame.left), innerWidth - bubble.offsetWidth - 8),
    );
    bubble.style.left = `${left}px`;
    // Above: the cells below are the next ones.
    const top = at.top - bubble.offsetHeight - 5;
    bubble.style.top = `${top > 0 ? top : at.bottom + 5}px`;
  }
}
