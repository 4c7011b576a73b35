/** One step on one column, against the same definition without it: what does the step cost? */
import type { Change } from "../bench.ts";
import type { KindName } from "../data/kinds.ts";
import { type Step, STEPS, STEPS_BEYOND_ASCII } from "../importers/steps.ts";
import { stepImporter } from "../programs/definitions.ts";
import { EMPTY } from "../states.ts";
import { fewer, ingestRun, logs, type Measurement, NO_CHANGE, type Workload } from "./workload.ts";

const BAR = 1.08;
const HARD_BAR = 1.2;
const BEYOND_ASCII_BAR = 1.25;

/** So many workloads share a reference, so that none is far from it in time. */
const NEAR = 5;

/** All changes that are made to a file, because it is read once for all of them. */
function changesOf(file: KindName): Change[] {
  const steps = [...STEPS, ...STEPS_BEYOND_ASCII];
  const isReference = steps.some(({ without }) => without === file);
  return [
    ...isReference ? [NO_CHANGE] : [],
    ...steps.filter((step) => step.file === file),
  ];
}

function withStep(step: Step, name: string): Measurement {
  return measured(name, step.file, stepImporter(step), step);
}

function measured(name: string, file: KindName, importer: string, change: Change): Measurement {
  return ingestRun({
    name,
    state: EMPTY,
    rows: fewer,
    importer,
    file,
    counts: ({ rows }) => ({ created: rows }),
    async expected(bench) {
      const data = await bench.files.get(file, bench.rows);
      return await bench.contents.ofChanged(bench, data, change, changesOf(file));
    },
    check: logs(() => 0),
  });
}

const ALONE: readonly Workload[] = [...Map.groupBy(STEPS, ({ without }) => without)].flatMap(
  ([file, steps]) => {
    let reference: Measurement;
    return steps.map((step, index) => {
      if (index % NEAR === 0) {
        const name = `no step, ${file}${index === 0 ? "" : ` (${1 + index / NEAR})`}`;
        reference = measured(name, file, "insert", NO_CHANGE);
      }
      return {
        name: `${step.name} alone`,
        against: "the same definition without it",
        bar: step.hard ? HARD_BAR : BAR,
        ours: withStep(step, `${step.name} alone`),
        reference,
      };
    });
  },
);

const BEYOND_ASCII: readonly Workload[] = STEPS_BEYOND_ASCII.map((step) => ({
  name: `${step.name}, half not ASCII`,
  against: "the same in ASCII",
  bar: BEYOND_ASCII_BAR,
  ours: withStep(step, `${step.name}, half not ASCII`),
  reference: ALONE.find(({ name }) => name === `${step.name} alone`)!.ours,
}));

export const ALONE_WORKLOADS: readonly Workload[] = [...ALONE, ...BEYOND_ASCII];
