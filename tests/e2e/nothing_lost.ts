import assert from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";

interface Failed {
  readonly row_number: number;
  readonly line: number;
  readonly raw: Uint8Array;
  readonly errors: {
    readonly message: string;
    readonly validation: Readonly<Record<string, readonly string[]>>;
  };
}

/**
 * Asserts that each row of a finished run has one outcome, that failed rows are kept with the
 * file's bytes, and that their reasons are counted. Returns the reasons by row number.
 */
export async function assertNothingLost(
  session: Session,
  run: number,
  file: string,
): Promise<ReadonlyMap<number, string>> {
  const [counts] = await session.query<Record<string, number>>(
    `select total, processed, successful, failed, created + updated + skipped as sum,
       (select sum(count)::int from ingest.batch_errors e
         where e.run_id = p.run_id and kind = 'row') as reasons
     from ingest.run_progress p where run_id = $1`,
    [run],
  );
  assert.equal(counts.processed, counts.total);
  assert.equal(counts.successful + counts.failed, counts.processed);
  assert.equal(counts.sum, counts.successful);
  assert.equal(counts.reasons, counts.failed);
  const rows = await session.query<Failed>(
    `select row_number, line, raw, errors from ingest.rows
     where run_id = $1 and status = 'failed' order by row_number`,
    [run],
  );
  assert.equal(rows.length, counts.failed);
  const bytes = await Deno.readFile(file);
  for (const { raw, row_number } of rows) {
    assert.ok(includes(bytes, raw), `the bytes of row ${row_number} are the file's`);
  }
  return new Map(rows.map(({ row_number, errors: { message, validation } }) => {
    return [row_number, [message, ...Object.values(validation).flat()].join(" ")];
  }));
}

function includes(bytes: Uint8Array, part: Uint8Array): boolean {
  const latin1 = new TextDecoder("latin1");
  return part.length > 0 && latin1.decode(bytes).includes(latin1.decode(part));
}
