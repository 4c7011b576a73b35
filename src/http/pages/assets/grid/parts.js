/** Small parts that all of the grid uses. */

/** @param {number} from @param {number} to */
export function between(from, to) {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

/** @param {string} tag @param {string} [name] */
export function make(tag, name = "") {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}
