/** Files that somebody drags onto the page. */

/**
 * Takes files anywhere on the page.
 * @param {(files: FileList | "folder" | null) => void} take
 */
export function watchDrops(take) {
  let depth = 0;
  const page = document.documentElement;
  const hasFiles = (/** @type {DragEvent} */ { dataTransfer }) =>
    dataTransfer?.types.includes("Files") === true;
  addEventListener("dragenter", (event) => {
    if (hasFiles(event)) page.classList.toggle("dropping", ++depth > 0);
  });
  addEventListener("dragleave", (event) => {
    if (hasFiles(event)) page.classList.toggle("dropping", --depth > 0);
  });
  addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    depth = 0;
    page.classList.remove("dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    const isFolder = [...event.dataTransfer?.items ?? []].some((item) =>
      item.webkitGetAsEntry?.()?.isDirectory
    );
    take(isFolder ? "folder" : event.dataTransfer?.files ?? null);
  });
}
