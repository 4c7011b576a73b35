/**
 * Keeps a page true while somebody looks at it. The server draws; this fetches the page again and puts
 * in the parts that have changed (`data-live`): every few seconds (`data-poll`), or when it is told to.
 */
import { say, showTimes } from "./page.js";

/** Milliseconds between the end of one look and the next one. */
const SHORTEST = 700;
/** Milliseconds after which a server that is away is tried again. They double, up to the last. */
const AWAY = {
  ...{ first: 1_000, longest: 15_000 },
  text: "The server can’t be reached at the moment. What you see may be old.",
};
/** What the server says of a page that is no longer there, or no longer for this reader. */
const GONE = [401, 403, 404];

let fetching = false;
let wanted = false;
let last = -Infinity;
let pause = AWAY.first;

/** Looks soon: several wishes within a moment are one. */
export function refresh() {
  if (wanted) return;
  wanted = true;
  if (!fetching) setTimeout(look, Math.max(0, last + SHORTEST - performance.now()));
}

async function look() {
  wanted = false;
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { "x-parts": "1" } });
    // Signed out, or the run was deleted: the server says it better.
    if (answer.redirected || GONE.includes(answer.status)) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) return later(page.querySelector("main p")?.textContent ?? AWAY.text);
    put(page);
    say(null);
    pause = AWAY.first;
  } catch {
    later(AWAY.text);
  } finally {
    last = performance.now();
    fetching = false;
    if (wanted) setTimeout(look, SHORTEST);
  }
}

/** @param {string} why */
function later(why) {
  say(why);
  setTimeout(refresh, pause);
  pause = Math.min(2 * pause, AWAY.longest);
}

/** What the server drew: times are shown differently. @type {WeakMap<Element, string>} */
const drawnOf = new WeakMap();

/** @param {Document} fresh */
function put(fresh) {
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
  document.dispatchEvent(new CustomEvent("page-refreshed", { detail: fresh }));
}

let timer = 0;

/** @param {number} seconds between two looks */
export function poll(seconds) {
  clearInterval(timer);
  timer = setInterval(() => {
    if (document.visibilityState === "visible") refresh();
  }, 1000 * seconds);
}

const seconds = document.querySelector("[data-poll]")?.getAttribute("data-poll");
if (seconds !== null && seconds !== undefined) poll(Number(seconds));

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") refresh();
});
