/** The line under the grid: what has happened, what is asked, and what can be done about it. */
import { make } from "./parts.js";

/** @typedef {{text: string, primary?: boolean, act: () => void}} Button */

export class Bar {
  /**
   * @param {string} otherwise what it says while there is nothing else to say
   * @param {() => void} back to where somebody was before a button was pressed
   */
  constructor(otherwise, back) {
    this.back = back;
    this.element = make("div", "under");
    this.told = make("p", "told");
    this.told.setAttribute("role", "status");
    this.told.dataset.otherwise = otherwise;
    this.buttons = make("div", "actions");
    this.element.append(this.told, this.buttons);
  }

  /** Replaces what it has said before. @param {string} text @param {Button[]} [buttons] */
  say(text, buttons = []) {
    if (this.told.textContent !== text) this.told.textContent = text;
    this.buttons.replaceChildren(...buttons.map(({ text, primary, act }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.className = primary ? "primary" : "";
      button.addEventListener("click", () => {
        act();
        this.back();
      });
      return button;
    }));
  }
}

/** Characters of a value in a sentence. */
export const QUOTED = 40;

/** @param {number} number */
export function count(number) {
  return number.toLocaleString("en");
}
