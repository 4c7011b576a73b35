/**
 * Watches a run (`data-events`): its server tells at once how far it is. What is more than numbers is
 * fetched now and then, and whenever the run's status changes.
 */
import { poll, refresh } from "./live.js";
import { say } from "./page.js";

/** Seconds between two looks at the rest of the page while the run goes on. */
const BETWEEN = 3;
/** Seconds between two looks once it has ended: somebody may still retry, undo or delete it. */
const AFTERWARDS = 10;
/** Milliseconds after which a stream that was refused is tried again. */
const AGAIN = 3_000;
/** Seconds between two looks while there is no room for a stream. */
const WITHOUT = 1;
/** Milliseconds between two signs of life for the other tabs. */
const HERE = 10_000;

/**
 * @typedef {object} Uncommitted
 * @property {number} processed
 * @property {number} failed
 * @property {number} created
 * @property {number} updated
 * @property {number} skipped
 * @property {number | null} percent
 */

/**
 * @typedef {object} Progress
 * @property {number | null} total
 * @property {number} processed
 * @property {number} failed
 * @property {number} unresolved
 * @property {number} waived
 * @property {number} skipped
 * @property {number | null} percent
 * @property {number | null} rows_per_second
 * @property {number | null} eta_seconds
 * @property {Uncommitted} [uncommitted] of a run that is loaded as a whole
 */

const address = document.querySelector("[data-events]")?.getAttribute("data-events");
if (address !== null && address !== undefined) watch(address);

/** @param {string} events its address */
function watch(events) {
  poll(BETWEEN);
  /** @type {{ close: () => void } | null} */
  let stream = null;
  let ended = false;
  const close = () => {
    stream?.close();
    stream = null;
  };
  const hear = (/** @type {string} */ name, /** @type {string} */ data) => {
    if (name === "progress") draw(JSON.parse(data));
    else if (name === "unavailable") say(JSON.parse(data).message);
    else if (name === "full") {
      poll(WITHOUT);
      again();
    } else {
      if (name === "available") say(null);
      if (name === "refused") again();
      if (name === "end") {
        ended = true;
        close();
        poll(AFTERWARDS);
      }
      refresh();
    }
  };
  const again = () => {
    close();
    setTimeout(open, AGAIN);
  };
  const open = () => {
    // Tabs that nobody looks at need no connection.
    if (ended || stream !== null || document.visibilityState !== "visible") return;
    poll(BETWEEN);
    stream = "SharedWorker" in globalThis ? share(events, hear) : listen(events, hear);
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") open();
    else close();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

/**
 * Together with the other tabs: see shared_events.js.
 *
 * @param {string} address
 * @param {(name: string, data: string) => void} hear
 */
function share(address, hear) {
  const { port } = new SharedWorker(new URL("shared_events.js", import.meta.url));
  port.addEventListener("message", ({ data: { name, data } }) => hear(name, data));
  port.start();
  port.postMessage({ address });
  const timer = setInterval(() => port.postMessage({}), HERE);
  return {
    close() {
      clearInterval(timer);
      port.postMessage({ leaves: true });
      port.close();
    },
  };
}

/**
 * With a connection of its own.
 *
 * @param {string} address
 * @param {(name: string, data: string) => void} hear
 */
function listen(address, hear) {
  const source = new EventSource(address);
  for (const name of ["progress", "status", "unavailable", "available", "end"]) {
    source.addEventListener(name, ({ data }) => hear(name, data));
  }
  source.addEventListener("error", () => {
    // Otherwise the browser connects again by itself.
    hear(source.readyState === EventSource.CLOSED ? "refused" : "error", "");
  });
  return source;
}

/** @param {Progress} told */
function draw(told) {
  const { uncommitted } = told;
  const progress = uncommitted === undefined
    ? told
    : { ...told, ...uncommitted, unresolved: uncommitted.failed };
  for (const element of document.querySelectorAll("[data-count]")) {
    const count = progress[/** @type {keyof Progress} */ (element.getAttribute("data-count"))];
    if (typeof count === "number") element.textContent = countText(count);
  }
  const { processed, total, percent, rows_per_second: rate, eta_seconds: eta } = progress;
  const moving = document.querySelector("[data-moving]");
  if (moving !== null) {
    moving.textContent = [
      percent === null ? "" : `${percent.toFixed(1)} %`,
      total === null
        ? `${countText(processed)} rows so far`
        : `${countText(processed)} of ${countText(total)} rows`,
      rate === null || rate === 0 ? "" : `${countText(rate)} rows/s`,
      eta === null ? "" : `${durationText(eta)} left`,
    ].filter((fact) => fact !== "").join(" · ");
  }
  if (total !== null && total > 0) drawBar(progress, total);
}

/**
 * Moves the parts that the server has drawn. A part that is new comes with the next look at the page.
 *
 * @param {Progress} progress
 * @param {number} total
 */
function drawBar({ processed, skipped, unresolved }, total) {
  const shares = { skipped: skipped / total, failed: unresolved / total };
  let end = 1000 * Math.min(1, processed / total);
  for (const name of /** @type {const} */ (["failed", "skipped", "loaded"])) {
    const part = document.querySelector(`.progress > .bar .${name}`);
    if (part === null) continue;
    // A few failed rows among many are drawn wider than they are.
    const least = name === "failed" ? Number(part.getAttribute("width")) : 0;
    const width = name === "loaded" ? end : Math.min(end, Math.max(least, 1000 * shares[name]));
    end -= width;
    part.setAttribute("x", end.toFixed(1));
    part.setAttribute("width", width.toFixed(1));
  }
}

/** @param {number} count */
function countText(count) {
  return String(count).replace(/\B(?=(?:\d{3})+$)/gu, ",");
}

/** @param {number} seconds */
function durationText(seconds) {
  if (seconds < 9.95) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
