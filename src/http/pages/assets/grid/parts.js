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

/**
 * What stands over a grid, but not in it, has to go with it when something comes above: that moves the
 * grid, and makes it smaller or the page longer.
 *
 * @param {HTMLElement} grid @param {() => void} place
 */
export function whenMoved(grid, place) {
  const moves = new ResizeObserver(place);
  for (const part of [grid, document.body]) moves.observe(part);
}
