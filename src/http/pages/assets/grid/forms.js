/** The forms above the grid: they know what was corrected, which rows are marked, and ask in place. */
import { ask, Refused } from "./ask.js";
import { isSettled } from "./draw.js";
import { placeOf } from "./faults.js";

/** @typedef {import("./grid.js").Grid} Grid */

/** Rows that can be left out because they are marked; their numbers go into a form. */
const MOST = 1_000;

/** @param {Grid} grid */
export function connectForms(grid) {
  const retry = document.querySelector("form[data-retry]");
  addEventListener("rows-corrected", (event) => {
    const { right: corrected, wrong } =
      /** @type {CustomEvent<{right: number, wrong: number}>} */ (event).detail;
    const [field, button] = [retry?.querySelector("input"), retry?.querySelector("button")];
    const hint = retry?.querySelector(".hint");
    if (!(retry instanceof HTMLFormElement) || !field || !button || !hint) return;
    hint.textContent = wrong > 0 ? `${wrong} still wrong` : "";
    field.value = corrected > 0 ? "true" : "";
    const rows = corrected === 1 ? "row" : "rows";
    button.textContent = corrected > 0
      ? `Retry ${corrected.toLocaleString("en")} corrected ${rows}`
      : `Retry all ${Number(retry.dataset.all).toLocaleString("en")}`;
  });

  // What leads away waits for what is not sent yet.
  document.addEventListener("submit", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLFormElement)) return;
    const { unsent } = grid.edits;
    if (unsent > 0 && target.closest(".failed-rows") !== null) {
      stop(event);
      const changes = unsent === 1 ? "1 change is" : `${unsent.toLocaleString("en")} changes are`;
      grid.bar.say(`${changes} not with the server yet. Wait a moment, then try again.`);
    } else if ("upload" in target.dataset) {
      stop(event);
      void upload(target, grid.given.api);
    }
  }, { capture: true });

  const waive = document.querySelector("[data-menu=waive]");
  waive?.addEventListener("toggle", () => offerMarked(grid));
  for (const menu of document.querySelectorAll(".menu")) {
    menu.addEventListener("keydown", (event) => {
      if (!(event instanceof KeyboardEvent) || event.key !== "Escape") return;
      menu.removeAttribute("open");
      menu.querySelector("summary")?.focus();
    });
  }
  document.addEventListener("pointerdown", ({ target }) => {
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (target instanceof Node && !menu.contains(target)) menu.removeAttribute("open");
    }
  });
}

/** @param {Event} event */
function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** The marked rows can be left out, too. @param {Grid} grid */
function offerMarked({ cells, rows, given }) {
  const select = document.getElementById("rows-to-waive");
  if (!(select instanceof HTMLSelectElement)) return;
  while (select.options.length > 1) select.remove(1);
  const { first, last } = cells.block;
  if (last - first >= MOST || !cells.isUsed) return;
  /** @type {import("./faults.js").Row[]} */
  const marked = [];
  for (let place = first; place <= last; place++) {
    const row = rows.at(place);
    if (row !== null && !isSettled(row)) marked.push(row);
  }
  if (marked.length === 0) return;
  const text = marked.length === 1
    ? `The row in ${placeOf(marked[0], given.word)}`
    : `The ${marked.length} rows that are marked`;
  select.add(new Option(text, marked.map(({ row_number }) => row_number).join(","), true, true));
}

/** Says what a spreadsheet seems to have changed, and asks. @param {HTMLFormElement} form @param {string} api */
async function upload(form, api) {
  const [told, button] = [form.querySelector("[role=status]"), form.querySelector("button")];
  if (told === null || button === null) return;
  const say = (/** @type {string} */ text, isBad = false) => {
    told.textContent = text;
    told.classList.toggle("bad", isBad);
  };
  button.disabled = true;
  say("Uploading …");
  try {
    const { data } = await ask(`${api}/retry/upload`, { method: "POST", body: new FormData(form) });
    location.href = `/runs/${data.id}`;
  } catch (error) {
    const text = error instanceof Refused
      ? error.message
      : "The server can’t be reached. Try again.";
    say(text, true);
    if (error instanceof Refused && error.status === 409) {
      form.querySelector(".check")?.classList.add("asked");
    }
  }
  button.disabled = false;
}
