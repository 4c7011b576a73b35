/** What it costs to look values up in other tables. */
import { LOOKED_UP } from "../states.ts";
import { INSERT } from "./fresh.ts";
import { ingestRun, logs, type Measurement, validRows, type Workload } from "./workload.ts";

const LOOK_UP: Measurement = ingestRun({
  name: "fresh insert, two look-ups",
  state: LOOKED_UP,
  importer: "insert_looked_up",
  file: "valid",
  counts: ({ rows }) => ({ created: rows }),
  expected: validRows,
  check: logs(() => 0),
});

const PLAIN: Measurement = { ...INSERT, name: "fresh insert, beside them", state: LOOKED_UP };

export const LOOKUP_WORKLOADS: readonly Workload[] = [
  {
    name: "fresh insert, two columns looked up",
    against: "ours without",
    bar: 1.5,
    ours: LOOK_UP,
    reference: PLAIN,
  },
];
