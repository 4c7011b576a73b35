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
