/** Keeps what was settled for all files to come, without leaving the file. */
import { writtenMapping } from "./mapping.js";
import { askToSignIn, tell } from "./state.js";

/** After the server has drawn the page: what is offered to be saved depends on what was changed. */
export function drawSave() {
  const section = /** @type {HTMLElement | null} */ (document.querySelector("[data-keep]"));
  const changed = writtenMapping();
  if (section === null || changed === null) return;
  section.hidden = false;
  const columns = /** @type {HTMLInputElement | null} */ (
    section.querySelector("input[name=columns]")
  );
  if (columns !== null) columns.value = changed;
}

/**
 * @param {HTMLFormElement} form
 * @param {(to: string, message: string) => void} onSaved `to`: the page that has the importer
 */
export async function saveSettings(form, onSaved) {
  const fields = new FormData(form);
  const to = new URL(form.action);
  to.pathname += ".json";
  try {
    const answer = await fetch(to, {
      method: "POST",
      body: new URLSearchParams(/** @type {string[][]} */ ([...fields])),
    });
    const body = await answer.json();
    if (answer.status === 401) askToSignIn();
    else if (answer.ok) onSaved(body.to, body.message);
    else tell(body.message);
  } catch {
    tell("The server can’t be reached at the moment. Try again.");
  } finally {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
}
