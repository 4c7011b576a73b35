/** Loads a file that has the same few keys again and again. */
import { readContent } from "../content.ts";
import { copyFile } from "../copy_file.ts";
import { REPEATED_KEYS } from "../data/kinds.ts";
import { EMPTY } from "../states.ts";
import { UPSERT } from "./fresh.ts";
import { ingestRun, logs, type Measurement, type Workload } from "./workload.ts";

const REPEATED: Measurement = ingestRun({
  name: "few keys, again and again",
  state: EMPTY,
  importer: "upsert",
  file: "repeated",
  counts: ({ rows }) => ({ created: REPEATED_KEYS, updated: rows - REPEATED_KEYS }),
  // The last row of each key.
  async expected(bench) {
    const { session } = await bench.states.restore(EMPTY, bench);
    await session.execute("create temp table texts (like customers)");
    await copyFile(session, "texts", await bench.files.get("repeated", bench.rows));
    return await readContent(
      session,
      "(select distinct on (id) * from texts order by id, ctid desc)",
    );
  },
  check: logs(() => 0),
});

export const REPEATED_WORKLOADS: readonly Workload[] = [
  {
    name: `${REPEATED_KEYS} keys, again and again: all updates`,
    against: "ours, each row with its own key",
    bar: 4,
    ours: REPEATED,
    reference: UPSERT,
  },
];
