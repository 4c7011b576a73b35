/**
 * A file that is dropped or chosen is shown as it would be understood, and then sent. The server draws the
 * preview (`data-part`); this keeps the file while the choices around it change.
 */
import { actionButton, linkTo, progressBar, showBar, underlined } from "./action_bar.js";
import { watchDrops } from "./drops.js";
import { describeDryRun, watchRun } from "./dry_run.js";
import {
  drawMapping,
  forgetMapping,
  keepingPlace,
  whatIsRead,
  writtenMapping,
} from "./import_mapping.js";
import { describeProgress, newKey, sendFile, sizeOf } from "./upload.js";

/** Bytes at the file's beginning that the server wants to see. */
const BEGINNING = 1024 * 1024;

/** Milliseconds to wait for the next change before the server is asked. */
const PAUSE = 350;

const CHOOSE = "Now choose where it goes.";

const form = /** @type {HTMLFormElement} */ (document.querySelector("#file-form"));
const input = /** @type {HTMLInputElement} */ (document.querySelector("#file"));
const told = /** @type {HTMLElement} */ (form?.querySelector(".told"));

/** @type {File | null} */
let file = null;
/** Where it goes: the query of the page's address. */
let query = location.search;
/** Stops what is being done: a preview, an upload. */
let stop = new AbortController();
let isSending = false;
/** Of an upload that may have arrived although its answer didn't: it isn't done twice. */
let key = newKey();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;
/** A change waits for the next choice. */
let isHeld = false;

if (form !== null) begin();

function begin() {
  document.documentElement.classList.add("scripted");
  input.addEventListener("change", () => {
    take(input.files);
    // So that the same file can be chosen again when it has changed.
    input.value = "";
  });
  watchDrops((files) => {
    if (files === "folder") tell("That is a folder. Drop one file out of it.");
    else if (isSending) tell("A file is on its way. Wait for it, or cancel it first.");
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
    if (link.closest("nav") !== null || file === null) return;
    event.preventDefault();
    void choose(link.search);
  });
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || file === null) return;
    if (event.target.method !== "get" || !event.target.action.endsWith("/import")) return;
    event.preventDefault();
    const fields = [...new FormData(event.target)].filter(([, value]) => value !== "");
    void choose(`?${new URLSearchParams(/** @type {string[][]} */ (fields))}`);
  });
  // In the form that the server drew, each button sends the file. Here they send what was looked at.
  form.addEventListener("submit", (event) => {
    if (file === null) return;
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
    if (what === "cancel") stop.abort();
    if (what === "again") void preview();
    if (what === "usual") {
      forgetMapping();
      remap();
    }
  });
  // A list that is open isn't redrawn.
  document.addEventListener("pointerdown", ({ target }) => {
    if (isSending || !isChoice(target)) return;
    if (pause === undefined && !form.classList.contains("looking")) return;
    clearTimeout(pause);
    stop.abort();
    form.classList.remove("looking");
    isHeld = true;
  });
  document.addEventListener("focusout", ({ target }) => {
    if (isHeld && isChoice(target)) remap();
  });
  addEventListener("beforeunload", (event) => {
    if (isSending) event.preventDefault();
  });
}

/** @param {FileList | null} files */
function take(files) {
  if (files === null || files.length === 0) return;
  if (isSending) return;
  if (files.length > 1) {
    return tell(`Those are ${files.length} files. Drop one: each file becomes a run of its own.`);
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
  file = chosen;
  key = newKey();
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
  if (isSending) return tell("A file is on its way. Wait for it, or cancel it first.");
  if (whatIsRead(chosen) !== whatIsRead(query)) forgetMapping();
  query = chosen;
  history.replaceState(null, "", `/import${chosen}`);
  key = newKey();
  await preview();
}

/** @param {EventTarget | null} target */
function isChoice(target) {
  return target instanceof Element && target.closest("[data-mapping] select") !== null;
}

/** Somebody has chosen what goes where. */
function remap() {
  key = newKey();
  isHeld = false;
  clearTimeout(pause);
  pause = setTimeout(() => void preview(), PAUSE);
}

async function preview() {
  clearTimeout(pause);
  pause = undefined;
  if (file === null || isSending) return;
  stop.abort();
  stop = new AbortController();
  const { signal } = stop;
  tell(null);
  form.classList.add("looking");
  try {
    const answer = await askFor(file, signal);
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
    if (!signal.aborted || stop.signal === signal) form.classList.remove("looking");
  }
}

/** @param {File} chosen @param {AbortSignal} signal */
function askFor(chosen, signal) {
  const asked = new URLSearchParams(query);
  if (!asked.has("importer") && !asked.has("table")) return fetch("/import?choose=1", { signal });
  const body = new FormData();
  const mapping = writtenMapping();
  if (mapping !== null) body.append("mapping", mapping);
  body.append("file", chosen.slice(0, BEGINNING), chosen.name);
  return fetch(`/import/preview${query}`, { method: "POST", body, signal });
}

/** @param {Document} drawn */
function put(drawn) {
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = drawn.querySelector(`[data-part="${part.getAttribute("data-part")}"]`);
    part.innerHTML = fresh?.innerHTML ?? "";
  }
  drawMapping(remap);
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

/** @param {string} verdict */
function startButtons(verdict) {
  const dryRun = actionButton("dry-run", "Dry run");
  dryRun.title = "Checks all rows against the table, and changes nothing";
  const start = actionButton("import", "Import");
  start.className = "primary";
  const note = document.createElement("span");
  note.className = "about";
  note.textContent = verdict === "good"
    ? "A dry run checks every row and changes nothing."
    : "A dry run tells how many rows of the whole file would fail. It changes nothing.";
  return [note, dryRun, start];
}

/** @param {boolean} isDry @param {string} [once] */
async function send(isDry, once) {
  const to = form.dataset.upload;
  if (file === null || to === undefined || isSending) return;
  isSending = true;
  clearTimeout(pause);
  pause = undefined;
  isHeld = false;
  stop.abort();
  stop = new AbortController();
  const url = new URL(to, location.href);
  if (isDry) url.searchParams.set("dry_run", "true");
  if (once !== undefined) url.searchParams.set("once", once);
  const { bar, text } = progressBar("Sent", `Sending ${file.name} …`);
  tell(null);
  showBar([bar, text, actionButton("cancel", "Cancel")]);
  let sent = 0;
  try {
    const answer = await sendFile(url.href, file, {
      // Dry run and import are different requests.
      ...{ key: `${key}-${isDry}-${once ?? ""}`, signal: stop.signal, mapping: writtenMapping() },
      onProgress(progress) {
        sent = progress.sent;
        bar.value = progress.sent / progress.total;
        text.textContent = progress.sent === progress.total
          ? "All of it has arrived. It is being checked …"
          : describeProgress(progress);
      },
    });
    isSending = false;
    const id = answer.body?.data?.id;
    if (answer.status !== 202 || id === undefined) await refused(answer, sent);
    else if (isDry) await followDryRun(id);
    else location.assign(`/runs/${id}`);
  } catch {
    isSending = false;
    if (sent < file.size) return retry("Cancelled. Nothing was loaded.");
    retry("Cancelled, but the whole file was sent already: look whether it has a run. ");
    told.append(allRuns());
  }
}

/** The file stays here meanwhile: it is what the import needs. @param {number} id */
async function followDryRun(id) {
  const { signal } = stop;
  const { bar, text } = progressBar("Done", "Dry run …");
  const link = linkTo(`/runs/${id}`, `See run ${id}`);
  showBar([bar, text, link]);
  try {
    const run = await watchRun(`${form.dataset.api}/${id}/events`, {
      signal,
      onProgress({ percent, processed }) {
        if (percent !== null) bar.value = percent / 100;
        text.textContent = `Dry run: ${processed.toLocaleString("en")} rows`;
      },
    });
    // The next one is a run of its own.
    key = newKey();
    const result = document.createElement("span");
    result.className = "result";
    result.setAttribute("role", "status");
    result.textContent = `Dry run: ${describeDryRun(run)}`;
    const start = actionButton("import", "Import");
    start.className = "primary";
    showBar([result, link, start]);
  } catch {
    // Somebody does something else now; or the run's own page tells more.
    if (!signal.aborted) location.assign(`/runs/${id}`);
  }
}

/** @param {import("./upload.js").Sent} answer @param {number} sent bytes */
async function refused({ status, body }, sent) {
  const id = body?.data?.id;
  // It did what it was asked to do, and would answer the same again.
  if (status !== 0 && status < 500) key = newKey();
  if (status === 200 && id !== undefined) {
    showBar([linkTo(`/runs/${id}`, `See run ${id}`), actionButton("anyway", "Load it anyway")]);
    return tell(body.message);
  }
  if (status === 401) return askToSignIn();
  if (status === 0) {
    return retry(
      !await isReadable()
        ? "The file can’t be read any more. Was it moved or changed? Choose it again."
        : sent < (file?.size ?? 0)
        ? `The connection broke after ${sizeOf(sent)}. Nothing was loaded: try again.`
        : "The connection broke before the server answered. Try again: it isn’t loaded twice.",
    );
  }
  const details = Object.entries(body?.errors ?? {}).map(([field, texts]) => `${field}: ${texts}`);
  retry([body?.message ?? `The server answers with status ${status}.`, ...details].join(" "));
}

/** @param {string} text */
function retry(text) {
  tell(text);
  showBar(startButtons("partly"));
}

/** In a tab of its own: this one has the file. */
function allRuns() {
  const link = document.createElement("a");
  link.href = "/";
  link.target = "_blank";
  link.textContent = "All runs";
  return link;
}

function askToSignIn() {
  const link = document.createElement("a");
  link.href = `/sign-in?to=${encodeURIComponent(`/import${query}`)}`;
  link.target = "_blank";
  link.textContent = "Sign in in another tab";
  tell("You are signed out. The file stays here: sign in, then come back and try again. ", link);
  showBar([actionButton("again", "Try again")]);
}

/** Can the file still be read? A browser doesn't say why it couldn't send it. */
async function isReadable() {
  try {
    await file?.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** @param {string | null} text @param {HTMLElement[]} more */
function tell(text, ...more) {
  told.hidden = text === null;
  told.replaceChildren(text ?? "", ...more);
}

/** What a page that shows a failure says. @param {Document} page */
function textOf(page) {
  return page.querySelector("main p")?.textContent ?? "The server can’t show it.";
}
