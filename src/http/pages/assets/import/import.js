/**
 * A file that is dropped or chosen is shown as it would be understood, and then sent. The server draws the
 * preview (`data-part`); this keeps the file while the choices around it change.
 */
import { actionButton, showBar, underlined } from "./action_bar.js";
import { watchDrops } from "./drops.js";
import { drawMapping, forgetMapping, keepingPlace, whatIsRead, writtenMapping } from "./mapping.js";
import { drawSave, saveSettings } from "./save.js";
import { send, startButtons } from "./send.js";
import { askToSignIn, form, input, isReadable, state, tell, tellDone, told } from "./state.js";
import { newKey, sizeOf } from "./upload.js";

/** Bytes at the file's beginning that the server wants to see. */
const BEGINNING = 1024 * 1024;

/** Milliseconds to wait for the next change before the server is asked. */
const PAUSE = 350;

const CHOOSE = "Now choose where it goes.";

if (form !== null) begin();

function begin() {
  document.documentElement.classList.add("scripted");
  input.addEventListener("change", takeChosen);
  watchDrops((files) => {
    if (files === "folder") tell("That is a folder. Drop one file out of it.");
    else if (state.isSending) tell("A file is on its way. Wait for it, or cancel it first.");
    else take(files);
  });
  // A choice that is made while there is a file doesn't leave the page.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) {
      return;
    }
    if (link.pathname !== "/import" || link.target !== "" || link.origin !== location.origin) {
      return;
    }
    if (link.closest("nav") !== null || state.file === null) return;
    event.preventDefault();
    void choose(link.search);
  });
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || state.file === null) return;
    if ("save" in event.target.dataset) {
      event.preventDefault();
      return void saveSettings(event.target, (to, message) => void saved(to, message));
    }
    if (event.target.method !== "get" || !event.target.action.endsWith("/import")) return;
    event.preventDefault();
    const fields = [...new FormData(event.target)].filter(([, value]) => value !== "");
    void choose(`?${new URLSearchParams(/** @type {string[][]} */ (fields))}`);
  });
  // In the form that the server drew, each button sends the file. Here they send what was looked at.
  form.addEventListener("submit", (event) => {
    if (state.file === null) return;
    event.preventDefault();
    const pressed = /** @type {SubmitEvent} */ (event).submitter;
    if (pressed?.classList.contains("look")) void preview();
    else void send(pressed?.getAttribute("name") === "dry_run");
  });
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("button[data-do]") : null;
    const what = button?.getAttribute("data-do");
    if (what === "dry-run") void send(true);
    if (what === "import") void send(false);
    if (what === "anyway") void send(false, "false");
    if (what === "cancel") state.stop.abort();
    if (what === "again") void preview();
    if (what === "all-columns") {
      state.isWhole = true;
      void preview();
    }
    if (what === "usual") {
      forgetMapping();
      remap();
    }
  });
  // A list that is open isn't redrawn.
  document.addEventListener("pointerdown", ({ target }) => {
    if (state.isSending || !isChoice(target)) return;
    if (state.pause === undefined && !form.classList.contains("looking")) return;
    clearTimeout(state.pause);
    state.stop.abort();
    form.classList.remove("looking");
    state.isHeld = true;
  });
  document.addEventListener("focusout", ({ target }) => {
    if (state.isHeld && isChoice(target)) remap();
  });
  addEventListener("beforeunload", (event) => {
    if (state.isSending) event.preventDefault();
  });
  // Over a slow line, somebody may have chosen a file before this script arrived.
  takeChosen();
}

function takeChosen() {
  take(input.files);
  // So that the same file can be chosen again when it has changed.
  input.value = "";
}

/** @param {FileList | null} files */
function take(files) {
  if (files === null || files.length === 0) return;
  if (state.isSending) return;
  if (files.length > 1) {
    return tell(
      `Those are ${files.length} files. Drop one: each file becomes a run of its own.`,
    );
  }
  const [chosen] = files;
  const max = Number(form.dataset.max);
  if (chosen.size === 0) return tell(`${chosen.name} is empty: there is nothing to import.`);
  if (chosen.size > max) {
    return tell(
      `${chosen.name} has ${sizeOf(chosen.size)}. This server takes files up to ${sizeOf(max)}: ` +
        "split it, or ask whoever runs the server to allow larger ones.",
    );
  }
  state.file = chosen;
  state.isWhole = false;
  state.key = newKey();
  forgetMapping();
  tell(null);
  form.classList.add("has-file");
  const ask = form.querySelector(".ask");
  const name = document.createElement("strong");
  name.dir = "auto";
  name.textContent = chosen.name;
  ask?.replaceChildren(name, ` ${sizeOf(chosen.size)} `, underlined("Choose another"));
  if (form.dataset.preview === undefined) tell(CHOOSE);
  else void preview();
}

/** @param {string} chosen the query of the page's new address */
async function choose(chosen) {
  if (state.isSending) return tell("A file is on its way. Wait for it, or cancel it first.");
  if (whatIsRead(chosen) !== whatIsRead(state.query)) forgetMapping();
  state.query = chosen;
  history.replaceState(null, "", `/import${chosen}`);
  state.key = newKey();
  await preview();
}

/** The file is looked at again, as what was saved has it. @param {string} to @param {string} message */
async function saved(to, message) {
  forgetMapping();
  await choose(new URL(to, location.href).search);
  if (told.hidden) tellDone(message);
}

/** @param {EventTarget | null} target */
function isChoice(target) {
  return target instanceof Element && target.closest("[data-mapping] select") !== null;
}

/** Somebody has chosen what goes where. */
function remap() {
  state.key = newKey();
  state.isHeld = false;
  clearTimeout(state.pause);
  state.pause = setTimeout(() => void preview(), PAUSE);
}

async function preview() {
  clearTimeout(state.pause);
  state.pause = undefined;
  if (state.file === null || state.isSending) return;
  state.stop.abort();
  state.stop = new AbortController();
  const { signal } = state.stop;
  tell(null);
  form.classList.add("looking");
  try {
    const answer = await askFor(state.file, signal);
    if (answer.redirected) return askToSignIn();
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (signal.aborted) return;
    if (drawn.querySelector("#import") === null) return tell(textOf(drawn));
    keepingPlace(() => put(drawn));
  } catch {
    if (signal.aborted) return;
    tell(
      await isReadable()
        ? "The server can’t be reached at the moment."
        : "The file can’t be read any more. Was it moved or changed? Choose it again.",
      actionButton("again", "Try again"),
    );
  } finally {
    if (!signal.aborted || state.stop.signal === signal) form.classList.remove("looking");
  }
}

/** Workbooks are zip archives, and these can only be read as a whole. @param {File} file */
async function isZip(file) {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return [0x50, 0x4b, 0x03, 0x04].every((byte, i) => start[i] === byte);
}

/** @param {File} chosen @param {AbortSignal} signal */
async function askFor(chosen, signal) {
  const asked = new URLSearchParams(state.query);
  if (!asked.has("importer") && !asked.has("table")) {
    return fetch("/import?choose=1", { headers: { "x-parts": "1" }, signal });
  }
  const body = new FormData();
  const mapping = writtenMapping();
  if (mapping !== null) body.append("mapping", mapping);
  const needed = await isZip(chosen) ? chosen : chosen.slice(0, BEGINNING);
  body.append("file", needed, chosen.name);
  if (state.isWhole) asked.set("all", "1");
  return fetch(`/import/preview?${asked}`, { method: "POST", body, signal });
}

/** @param {Document} drawn */
function put(drawn) {
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = drawn.querySelector(`[data-part="${part.getAttribute("data-part")}"]`);
    part.innerHTML = fresh?.innerHTML ?? "";
  }
  drawMapping(remap);
  drawSave();
  const fresh = /** @type {HTMLElement | null} */ (drawn.querySelector("#file-form"));
  for (const name of ["preview", "upload"]) {
    const value = fresh?.dataset[name];
    if (value === undefined) delete form.dataset[name];
    else form.dataset[name] = value;
  }
  const isReady = form.dataset.upload !== undefined;
  const verdict = document.querySelector("[data-verdict]")?.getAttribute("data-verdict");
  if (!isReady) tell(CHOOSE);
  showBar(isReady && (verdict === "good" || verdict === "partly") ? startButtons(verdict) : []);
}

/** What a page that shows a failure says. @param {Document} page */
function textOf(page) {
  return page.querySelector("main p")?.textContent ?? "The server can’t show it.";
}
