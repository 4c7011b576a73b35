/** What every page does: times in the reader's own zone, forms that need no button, and a word on top. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dayAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

/** @param {Date} at */
function ago(at) {
  const seconds = (at.getTime() - Date.now()) / 1000;
  if (seconds > -45) return "just now";
  if (seconds > -HOUR) return relative.format(Math.round(seconds / MINUTE), "minute");
  if (seconds > -DAY) return relative.format(Math.round(seconds / HOUR), "hour");
  if (seconds > -7 * DAY) return relative.format(Math.round(seconds / DAY), "day");
  return dayAndClock.format(at);
}

/** @param {Date} at */
function exact(at) {
  return at.toDateString() === new Date().toDateString()
    ? clock.format(at)
    : dayAndClock.format(at);
}

/** @param {ParentNode} part */
export function showTimes(part) {
  for (const element of part.querySelectorAll("time")) {
    const at = new Date(element.dateTime);
    element.title = full.format(at);
    const text = "ago" in element.dataset ? ago(at) : exact(at);
    if (element.textContent !== text) element.textContent = text;
  }
}

showTimes(document);
setInterval(() => showTimes(document), 20_000);

// Also those that a script puts in later.
document.addEventListener("change", ({ target }) => {
  const form = target instanceof Element ? target.closest("form[data-submit-on-change]") : null;
  if (form instanceof HTMLFormElement) form.requestSubmit();
});

// Nobody presses a button twice because the answer takes a second.
document.addEventListener("submit", ({ target }) => {
  if (!(target instanceof HTMLFormElement) || target.method !== "post") return;
  const buttons = target.querySelectorAll("button");
  setTimeout(() => buttons.forEach((button) => button.disabled = true));
});
addEventListener("pageshow", () => {
  document.querySelectorAll("form[method=post] button").forEach((button) => {
    if (button instanceof HTMLButtonElement) button.disabled = false;
  });
});

/** @param {string | null} text what the reader has to know; null: nothing */
export function say(text) {
  const shown = document.querySelector(".away");
  if (text === null) return void shown?.remove();
  if (shown !== null) return;
  const note = document.createElement("p");
  note.className = "away";
  note.setAttribute("role", "status");
  note.textContent = text;
  document.body.prepend(note);
}
