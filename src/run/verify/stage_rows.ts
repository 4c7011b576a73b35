/** Puts rows into the stage, to compare them there. */
import type { Session } from "../../db/session.ts";
import { chooseRows } from "../../load/encoded_rows.ts";
import { fillStage } from "../../load/stage/fill_stage.ts";
import { numberedColumns } from "../../load/stage/numbered_columns.ts";
import { type NumberedRows, numberedRows } from "../../load/stage/numbered_rows.ts";
import type { Comparable } from "../../load/verify/comparable.ts";
import type { EncodedBatch } from "../process/encode.ts";
import type { Compared } from "./compared.ts";

/** Puts the chosen rows into the stage. Returns the positions of those that Postgres can't read. */
export async function stageRows(
  session: Session,
  { how }: Compared,
  encoded: EncodedBatch,
  order: Int32Array,
): Promise<ReadonlyMap<number, string>> {
  const refused = new Map<number, string>();
  if (order.length === 0) return refused;
  await fillStage(
    session,
    how.plan,
    numbered(session, how, encoded, order),
    (position, refusal) => {
      refused.set(position, typeof refusal === "string" ? refusal : refusal.message);
    },
  );
  return refused;
}

function numbered(
  session: Session,
  { fields }: Comparable,
  { good }: EncodedBatch,
  order: Int32Array,
): NumberedRows {
  if (fields === null) return numberedRows(session, good, order);
  return numberedColumns(session, chooseRows(good, order), fields, [])!;
}
