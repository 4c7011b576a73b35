/** What can be done now, at the bottom of the window: buttons, or how far something is. */

/** @param {HTMLElement[]} parts at the bottom of the window */
export function showBar(parts) {
  document.querySelector(".action-bar")?.remove();
  if (parts.length === 0) return;
  const bar = document.createElement("div");
  bar.className = "action-bar";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Start");
  bar.append(...parts);
  document.querySelector("#import")?.append(bar);
}

/** @param {string} what @param {string} text */
export function actionButton(what, text) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.do = what;
  button.textContent = text;
  return button;
}

/** In a tab of its own: this one has the file. @param {string} to @param {string} text */
export function linkTo(to, text) {
  const link = document.createElement("a");
  link.href = to;
  link.target = "_blank";
  link.className = "button";
  link.textContent = text;
  return link;
}

/** @param {string} name @param {string} words */
export function progressBar(name, words) {
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", name);
  const text = document.createElement("span");
  text.className = "n";
  text.textContent = words;
  return { bar, text };
}

/** @param {string} text */
export function underlined(text) {
  const element = document.createElement("u");
  element.textContent = text;
  return element;
}
