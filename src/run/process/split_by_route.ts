/** A batch's records, by the table that takes them. */
import type { EncodedBatch } from "./encode.ts";
import type { ReadBatch } from "./read.ts";
import { chooseRecords, type FoundRecords } from "../../source/found_records.ts";
import type { RunProgram } from "../program.ts";

/** Records that go into one table. */
export interface RoutePart {
  readonly program: RunProgram;
  readonly read: ReadBatch;
}

export interface SplitBatch {
  readonly parts: readonly RoutePart[];
  /** Records that no table takes, which fail. Null: there are none. */
  readonly refused: EncodedBatch | null;
}

/** Usually, that is all of the batch. `choose` goes through the records with the chooser's pipeline. */
export async function splitByRoute(
  program: RunProgram,
  read: ReadBatch,
  choose: () => Promise<EncodedBatch> | EncodedBatch,
): Promise<SplitBatch> {
  const { routes } = program;
  if (routes === null) return { parts: [{ program, read }], refused: null };
  routes.chooser.begin();
  const chosen = await choose();
  const { bytes, count, places, bad } = chosen;
  const { starts, ends, lines, rowNumbers } = places;
  const all: FoundRecords = { count, bytes, starts, ends, lines, rowNumbers };
  const routeOf = (record: number) =>
    bad.has(record) ? undefined : routes.chooser.routeOf(rowNumbers[record]);
  const parts = routes.programs.flatMap((route, index): RoutePart[] => {
    const found = chooseRecords(all, (record) => routeOf(record) === index);
    if (found.count === 0) return [];
    const records = { kind: "found", found } as const;
    return [{ program: route, read: { ...read, records, count: found.count } }];
  });
  return { parts, refused: bad.size === 0 ? null : withoutRows(chosen) };
}

/** Only its failed records. The others are encoded for their tables. */
function withoutRows(batch: EncodedBatch): EncodedBatch {
  const good = { ...batch.good, count: 0, ends: new Int32Array(0) };
  return { ...batch, count: batch.bad.size, good, goodRecords: new Int32Array(0) };
}
