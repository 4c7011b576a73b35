/** Sends the file of a new import, follows a dry run of it, and says what came of it. */
import { actionButton, linkTo, progressBar, showBar } from "./action_bar.js";
import { describeDryRun, describeEarlier, watchRun } from "./dry_run.js";
import { writtenMapping } from "./mapping.js";
import { askToSignIn, form, isReadable, state, tell, told } from "./state.js";
import { describeProgress, newKey, sendFile, sizeOf } from "./upload.js";

/** @param {string} verdict */
export function startButtons(verdict) {
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
export async function send(isDry, once) {
  const to = form.dataset.upload;
  if (state.file === null || to === undefined || state.isSending) return;
  state.isSending = true;
  clearTimeout(state.pause);
  state.pause = undefined;
  state.isHeld = false;
  state.stop.abort();
  state.stop = new AbortController();
  const url = new URL(to, location.href);
  if (isDry) url.searchParams.set("dry_run", "true");
  if (once !== undefined) url.searchParams.set("once", once);
  const { bar, text } = progressBar("Sent", `Sending ${state.file.name} …`);
  tell(null);
  showBar([bar, text, actionButton("cancel", "Cancel")]);
  let sent = 0;
  try {
    const answer = await sendFile(url.href, state.file, {
      // Dry run and import are different requests.
      ...{
        key: `${state.key}-${isDry}-${once ?? ""}`,
        signal: state.stop.signal,
        mapping: writtenMapping(),
      },
      onProgress(progress) {
        sent = progress.sent;
        bar.value = progress.sent / progress.total;
        text.textContent = progress.sent === progress.total
          ? "All of it has arrived. It is being checked …"
          : describeProgress(progress);
      },
    });
    state.isSending = false;
    const id = answer.body?.data?.id;
    if (answer.status !== 202 || id === undefined) await refused(answer, sent);
    else if (isDry) await followDryRun(id);
    else location.assign(`/runs/${id}`);
  } catch {
    state.isSending = false;
    if (sent < state.file.size) return retry("Cancelled. Nothing was loaded.");
    retry("Cancelled, but the whole file was sent already: look whether it has a run. ");
    told.append(allRuns());
  }
}

/** The file stays here meanwhile: it is what the import needs. @param {number} id */
async function followDryRun(id) {
  const { signal } = state.stop;
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
    state.key = newKey();
    const result = document.createElement("span");
    result.className = "result";
    result.setAttribute("role", "status");
    result.textContent = `Dry run: ${describeDryRun(run)}`;
    const earlier = describeEarlier(run);
    if (earlier !== null) {
      const note = document.createElement("strong");
      note.className = "earlier";
      note.textContent = earlier;
      result.append(" ", note);
    }
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
  if (status !== 0 && status < 500) state.key = newKey();
  if (status === 200 && id !== undefined) {
    showBar([linkTo(`/runs/${id}`, `See run ${id}`), actionButton("anyway", "Load it anyway")]);
    return tell(body.message);
  }
  if (status === 401) return askToSignIn();
  if (status === 0) {
    return retry(
      !await isReadable()
        ? "The file can’t be read any more. Was it moved or changed? Choose it again."
        : sent < (state.file?.size ?? 0)
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
