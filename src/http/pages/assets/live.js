/**
 * Keeps a page true while somebody watches. The server draws; this fetches the page again and puts in
 * the parts that have changed (`data-live`). A run tells when (`data-events`), lists are asked every few
 * seconds (`data-poll`).
 */
import { showTimes } from "./page.js";

/** Milliseconds between two looks at a run that moves. */
const SHORTEST = 700;
/** Milliseconds after which a server that is away is tried again; it doubles up to the last. */
const AWAY = { first: 1_000, longest: 15_000 };

/** Seconds between two looks at what has ended: somebody may still retry, undo or delete it. */
const AFTERWARDS = 10;

let fetching = false;
let wanted = false;
let last = 0;
let pause = AWAY.first;

/** Fetches the page, unless that was done a moment ago: then a moment later. */
function refresh() {
  if (fetching || wanted) return void (wanted = true);
  const wait = Math.max(0, last + SHORTEST - performance.now());
  wanted = wait > 0;
  if (wait > 0) setTimeout(again, wait);
  else void fetchNow();
}

function again() {
  wanted = false;
  refresh();
}

async function fetchNow() {
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected || answer.status === 404 || answer.status === 403) {
      // Signed out, or the run was deleted: the server says it better.
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    put(await answer.text());
    say(null);
    pause = AWAY.first;
  } catch {
    // Away. It says so, and tries again.
    say("The server can’t be reached at the moment. What you see may be old.");
    setTimeout(refresh, pause);
    pause = Math.min(2 * pause, AWAY.longest);
  } finally {
    last = performance.now();
    fetching = false;
    if (wanted) setTimeout(again, SHORTEST);
  }
}

/** What the server drew: times are shown differently. @type {WeakMap<Element, string>} */
const drawnOf = new WeakMap();

/** @param {string} page */
function put(page) {
  const fresh = new DOMParser().parseFromString(page, "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const name = part.getAttribute("data-live");
    const drawn = fresh.querySelector(`[data-live="${name}"]`)?.innerHTML;
    if (drawn === undefined || drawnOf.get(part) === drawn) continue;
    // Somebody is about to press a button in it: not now.
    if (part.matches(":focus-within") && part.querySelector("form") !== null) continue;
    part.innerHTML = drawn;
    drawnOf.set(part, drawn);
    showTimes(part);
  }
  document.title = fresh.title;
  if (source !== null && fresh.querySelector("[data-events]") === null) {
    source.close();
    source = null;
    poll(AFTERWARDS);
  }
}

/** @param {string | null} text */
function say(text) {
  const shown = document.querySelector(".away");
  if (text === null) return void shown?.remove();
  if (shown !== null) return;
  const note = document.createElement("p");
  note.className = "away";
  note.setAttribute("role", "status");
  note.textContent = text;
  document.body.prepend(note);
}

/** @type {EventSource | null} */
let source = null;

const events = document.querySelector("[data-events]")?.getAttribute("data-events");
if (events !== null && events !== undefined) {
  source = new EventSource(events);
  for (const type of ["progress", "status", "end", "open"]) source.addEventListener(type, refresh);
  // The browser connects again by itself. If it doesn't, the page asks by itself.
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) poll(2);
    refresh();
  });
}

const seconds = document.querySelector("[data-poll]")?.getAttribute("data-poll");
if (seconds !== null && seconds !== undefined) poll(Number(seconds));

/** @param {number} every seconds */
function poll(every) {
  setInterval(() => {
    if (document.visibilityState === "visible") refresh();
  }, 1000 * every);
}
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && (seconds || source !== null)) refresh();
});
