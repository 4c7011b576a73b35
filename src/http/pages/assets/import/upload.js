/**
 * Sends a file to the API, and says how far it is. The browser reads the file from the disk as it sends
 * it, so its size doesn't matter.
 */

/**
 * @typedef {object} Sent
 * @property {number} status 0: the connection broke
 * @property {any} body what the API answered, if that is JSON
 */

/**
 * @typedef {object} Progress
 * @property {number} sent bytes
 * @property {number} total bytes
 * @property {number | null} rate bytes a second; null: too early to tell
 * @property {number | null} left seconds
 */

/** Milliseconds over which the rate is measured. */
const WINDOW = 4_000;
/** Milliseconds before which it says nothing. */
const EARLY = 600;

/**
 * Rejects only if it was aborted.
 * @param {string} url
 * @param {File} file
 * @param {{ key?: string, mapping?: string | null, signal?: AbortSignal, onProgress?: (progress: Progress) => void }} options
 * @returns {Promise<Sent>}
 */
export function sendFile(url, file, { key, mapping = null, signal, onProgress } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", withName(url, file.name));
    // The API doesn't care for the type, but for the name. A form has a type of its own.
    if (mapping === null) request.setRequestHeader("content-type", "text/csv");
    if (key !== undefined) request.setRequestHeader("idempotency-key", key);
    const rate = measureRate();
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      onProgress?.(rate(loaded, total));
    });
    request.addEventListener("load", () => {
      resolve({ status: request.status, body: readJson(request.responseText) });
    });
    request.addEventListener("error", () => resolve({ status: 0, body: null }));
    request.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
    signal?.addEventListener("abort", () => request.abort());
    request.send(mapping === null ? file : formWith(file, mapping));
  });
}

/** A mapping may be longer than an address. @param {File} file @param {string} mapping */
function formWith(file, mapping) {
  const form = new FormData();
  form.append("mapping", mapping);
  form.append("file", file);
  return form;
}

/** @param {string} url @param {string} name */
function withName(url, name) {
  const to = new URL(url, location.href);
  to.searchParams.set("filename", name);
  return to;
}

/** @returns {(sent: number, total: number) => Progress} */
function measureRate() {
  /** @type {{ at: number, sent: number }[]} */
  const seen = [{ at: performance.now(), sent: 0 }];
  return (sent, total) => {
    const at = performance.now();
    seen.push({ at, sent });
    while (seen.length > 2 && at - seen[0].at > WINDOW) seen.shift();
    const took = at - seen[0].at;
    const rate = took < EARLY ? null : 1000 * (sent - seen[0].sent) / took;
    return { sent, total, rate, left: rate === null || rate === 0 ? null : (total - sent) / rate };
  };
}

/** @param {string} text */
function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Also where the page isn't served over https, where `randomUUID` is missing. */
export function newKey() {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0"),
  )
    .join("");
}

/** @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const units = ["kB", "MB", "GB", "TB"];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size.toFixed(1)} ${units[unit]}`;
}

/** @param {number} seconds */
export function timeOf(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
}

/** @param {Progress} progress */
export function describeProgress({ sent, total, rate, left }) {
  return [
    `${sizeOf(sent)} of ${sizeOf(total)}`,
    rate === null ? "" : `${sizeOf(Math.round(rate))}/s`,
    left === null || sent === total ? "" : `${timeOf(left)} left`,
  ].filter((part) => part !== "").join(" · ");
}
