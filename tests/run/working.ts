import { work } from "../../src/run/work/work.ts";
import { PATIENCE } from "../support/until.ts";
import type { Workshop } from "./importing.ts";

/** Does something while this process works on all runs. */
export async function working(
  { database: { config } }: Workshop,
  act: () => Promise<void>,
  workers = 1,
): Promise<void> {
  const end = new AbortController();
  const ended = work({
    config,
    schemaName: "ingest",
    workers,
    signal: end.signal,
    graceMs: PATIENCE,
  });
  try {
    await act();
  } finally {
    end.abort();
    await ended;
  }
}
