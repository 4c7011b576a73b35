import type { Session } from "../../../src/db/session.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";

/** What is wrong with the failed rows: `2 type line_items.qty x: line_items 1: …`. */
export async function failures(session: Session, run: Run): Promise<readonly string[]> {
  const found = await session.query<{ row: string }>(
    `select row_number || ' ' || (d ->> 'code') || ' ' || coalesce(d ->> 'column', '-') || ' '
       || coalesce(d ->> 'value', '-') || ': ' || coalesce(d ->> 'message',
         errors #>> array['validation', d ->> 'column', '0'], errors ->> 'message') as row
     from ingest.rows, jsonb_array_elements(errors -> 'details') d
     where run_id = $1 and status = 'failed' order by row_number`,
    [run.id],
  );
  return found.map(({ row }) => row);
}
