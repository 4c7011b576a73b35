/** Waits for a dry run, and says what would become of the rows. */

/**
 * Resolves with the run when it has ended. Rejects if it was aborted, or can't be watched.
 * @param {string} events the address of its events
 * @param {{ signal: AbortSignal, onProgress: (progress: any) => void }} options
 * @returns {Promise<any>}
 */
export function watchRun(events, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const source = new EventSource(events);
    const fail = () => {
      source.close();
      reject(new Error("The run can't be watched."));
    };
    source.addEventListener("progress", ({ data }) => onProgress(JSON.parse(data)));
    source.addEventListener("status", ({ data }) => {
      const run = JSON.parse(data);
      if (!run.is_terminal) return;
      source.close();
      resolve(run);
    });
    source.addEventListener("end", fail);
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) fail();
    });
    signal.addEventListener("abort", fail);
  });
}

/**
 * What the server notices only when it has the whole file. Null: nothing.
 * @param {any} run
 */
export function describeEarlier({ same_file: same, warnings }) {
  if (same === null) {
    return warnings.find((/** @type {string} */ text) => text.startsWith("The same bytes")) ?? null;
  }
  const day = new Date(same.at).toLocaleDateString(undefined, { dateStyle: "medium" });
  return `Run ${same.run_id} has loaded this file before, on ${day}.`;
}

/** @param {any} run */
export function describeDryRun({ status, error, progress }) {
  const { created, updated, skipped, failed } = progress;
  if (status === "failed") return error?.message ?? "It failed.";
  if (status === "cancelled") return "It was cancelled.";
  const loaded = [[created, "created"], [updated, "updated"], [skipped, "skipped"]]
    .filter(([count]) => count > 0)
    .map(([count, what], i) =>
      `${count.toLocaleString("en")} ${i === 0 ? "would be " : ""}${what}`
    );
  const failing = failed === 0 ? "none would fail" : `${failed.toLocaleString("en")} would fail`;
  return `${[...loaded, failing].join(", ")}. Nothing was changed.`;
}
