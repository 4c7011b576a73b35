/** Compares the importers with their tables after the page has shown: that takes a while if they are many. */

async function check() {
  const answer = await fetch("/importers?check=1", { headers: { "x-parts": "1" } });
  if (!answer.ok || answer.redirected) return;
  const checked = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of checked.querySelectorAll("[data-findings]")) {
    const slug = CSS.escape(part.getAttribute("data-findings") ?? "");
    const shown = document.querySelector(`[data-findings="${slug}"]`);
    if (shown !== null) shown.innerHTML = part.innerHTML;
  }
}

// What it would say is on the page of each importer, too.
if (document.querySelector("[data-check]") !== null) check().catch(() => {});
