/** Fetches the page's scripts once the page is drawn: reading them takes the time that drawing needs. */

const page = document.querySelector("[data-scripts]");
const names = page instanceof HTMLElement ? page.dataset.scripts?.split(" ") ?? [] : [];

function load() {
  for (const name of names) import(`./${name}`);
}

// A page in the background isn't drawn until somebody looks.
if (document.hidden) load();
else requestAnimationFrame(() => setTimeout(load));
