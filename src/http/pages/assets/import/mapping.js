/**
 * Which column of the file fills which of the table, changed for one run. The server draws the table
 * (`data-mapping`); here its cells become choices.
 */
import { actionButton } from "./action_bar.js";

/** Values of options; those of the file's columns begin with `=`. */
const NOTHING = "", AS_USUAL = "usual";

/** What somebody has changed. @type {Map<string, string | null>} */
const changed = new Map();
/** How it would be without that: lists of the file's columns in JSON. @type {Map<string, string>} */
const usual = new Map();

/** As requests have it; null: nothing is changed. */
export function writtenMapping() {
  return changed.size === 0 ? null : JSON.stringify(Object.fromEntries(changed));
}

/** For another file, or another place where it goes. */
export function forgetMapping() {
  changed.clear();
  usual.clear();
}

/**
 * Where the file goes and how it is read: with these, what goes where is another question.
 * @param {string} address
 */
export function whatIsRead(address) {
  const asked = new URLSearchParams(address);
  for (const name of ["key", "on_duplicate"]) asked.delete(name);
  asked.sort();
  return String(asked);
}

/** @param {() => void} onChange */
export function drawMapping(onChange) {
  const table = /** @type {HTMLElement | null} */ (document.querySelector("[data-mapping]"));
  if (table === null) return;
  // A file with a thousand columns doesn't bring their names: all of it has to be shown first.
  if (headings() === null) return;
  for (const row of table.querySelectorAll("tbody tr:not([data-fixed])")) {
    drawChoice(/** @type {HTMLElement} */ (row), table.dataset.mapping === "fits", onChange);
  }
  const note = document.createElement("p");
  note.className = "about for-this-run";
  note.textContent = changed.size === 0
    ? "If something doesn’t belong together, choose another column of the file: for this run only."
    : "Changed for this run only: the next one begins as usual. ";
  if (changed.size > 0) note.append(actionButton("usual", "Undo the changes"));
  table.closest(".scroll")?.before(note);
}

/** @param {HTMLElement} row @param {boolean} isFit @param {() => void} onChange */
function drawChoice(row, isFit, onChange) {
  const column = row.querySelector("th")?.firstChild?.textContent ?? "";
  row.dataset.column = column;
  const cell = /** @type {HTMLElement} */ (row.querySelector("td"));
  const drawn = cell.dataset.from ?? JSON.stringify([cell.textContent]);
  if (isFit && !changed.has(column)) usual.set(column, drawn);
  const said = changed.get(column);
  /** @type {string[]} */
  const from = said === undefined ? JSON.parse(drawn) : said === null ? [] : [said];
  const select = document.createElement("select");
  select.dir = "auto";
  select.setAttribute("aria-label", `Column of the file for ${column}`);
  select.append(optionFor(from));
  // A table may have hundreds of columns, and so may the file.
  const fill = () => fillChoice(select, from, usual.get(column));
  select.addEventListener("focus", fill, { once: true });
  select.addEventListener("pointerdown", fill, { once: true });
  select.addEventListener("change", () => {
    const { value } = select;
    const chosen = value === NOTHING ? null : value.slice(1);
    const isUsual = value === AS_USUAL ||
      usual.get(column) === JSON.stringify(chosen === null ? [] : [chosen]);
    if (isUsual) changed.delete(column);
    else changed.set(column, chosen);
    onChange();
  });
  cell.replaceChildren(select);
  row.classList.toggle("changed", changed.has(column));
}

/** @param {HTMLSelectElement} select @param {string[]} from @param {string | undefined} before */
function fillChoice(select, from, before) {
  if (select.options.length > 1) return;
  const names = (headings() ?? []).map((name) => optionFor([name]));
  const joined = [JSON.parse(before ?? "[]"), from].find(({ length }) => length > 1);
  const options = [
    optionFor([]),
    ...joined === undefined ? [] : [optionFor(joined)],
    ...names,
  ];
  const now = select.value;
  select.replaceChildren(...options);
  select.value = now;
}

/** The file's columns. @returns {string[] | null} */
function headings() {
  /** @type {HTMLTemplateElement | null} */
  const template = document.querySelector("template[data-headings]");
  return template === null ? null : JSON.parse(template.content.textContent ?? "[]");
}

/** @param {string[]} from */
function optionFor(from) {
  if (from.length === 0) return new Option("– not filled –", NOTHING);
  return from.length > 1
    ? new Option(from.join(" + "), AS_USUAL)
    : new Option(from[0], `=${from[0]}`);
}

/** Redraws the page around a choice so that it keeps the focus and its place. @param {() => void} redraw */
export function keepingPlace(redraw) {
  const row = document.activeElement?.closest("tr[data-column]");
  const column = row?.getAttribute("data-column");
  const top = row?.getBoundingClientRect().top ?? 0;
  const scrolled = row?.closest(".scroll")?.scrollTop ?? 0;
  redraw();
  const same = [...document.querySelectorAll("tr[data-column]")].find((each) =>
    each.getAttribute("data-column") === column
  );
  if (same === undefined) return;
  const region = same.closest(".scroll");
  if (region !== null) region.scrollTop = scrolled;
  same.querySelector("select")?.focus({ preventScroll: true });
  scrollBy(0, same.getBoundingClientRect().top - top);
}
