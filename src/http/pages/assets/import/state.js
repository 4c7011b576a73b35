/** What the page of a new import knows: its parts, the chosen file, and what is being done with it. */
import { actionButton, showBar } from "./action_bar.js";
import { newKey } from "./upload.js";

export const form = /** @type {HTMLFormElement} */ (document.querySelector("#file-form"));
export const input = /** @type {HTMLInputElement} */ (document.querySelector("#file"));
export const told = /** @type {HTMLElement} */ (form?.querySelector(".told"));

export const state = {
  /** @type {File | null} */
  file: null,
  /** Where it goes: the query of the page's address. */
  query: location.search,
  /** Stops what is being done: a preview, an upload. */
  stop: new AbortController(),
  isSending: false,
  /** All columns are shown, however many there are. */
  isWhole: false,
  /** Of an upload that may have arrived although its answer didn't: it isn't done twice. */
  key: newKey(),
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  pause: undefined,
  /** A change waits for the next choice. */
  isHeld: false,
};

/** @param {string | null} text @param {HTMLElement[]} more */
export function tell(text, ...more) {
  told.classList.remove("done");
  told.hidden = text === null;
  told.replaceChildren(text ?? "", ...more);
}

/** @param {string} text */
export function tellDone(text) {
  tell(text);
  told.classList.add("done");
}

export function askToSignIn() {
  const link = document.createElement("a");
  link.href = `/sign-in?to=${encodeURIComponent(`/import${state.query}`)}`;
  link.target = "_blank";
  link.textContent = "Sign in in another tab";
  tell(
    "You are signed out. The file stays here: sign in, then come back and try again. ",
    link,
  );
  showBar([actionButton("again", "Try again")]);
}

/** Can the file still be read? A browser doesn't say why it couldn't send it. */
export async function isReadable() {
  try {
    await state.file?.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
