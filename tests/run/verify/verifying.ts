/** Verifies runs in this process, for tests of what a verification finds. */
import type { Ledger } from "../../../src/ledger/ledger.ts";
import type { Verification, VerifiedCounts } from "../../../src/run/verify/findings.ts";
import { verifyRun } from "../../../src/run/verify/verify_run.ts";

export function verify(ledger: Ledger, run: number, workers = 2): Promise<Verification> {
  return verifyRun(ledger, run, { config: ledger.session.config, workers });
}

/** `3 as_written, 1 gone`: the counts that are not 0. */
export function counted({ rows }: Verification): string {
  const names = Object.keys(rows) as (keyof VerifiedCounts)[];
  return names.filter((name) => rows[name] > 0).map((name) => `${rows[name]} ${name}`).join(", ");
}

/** `7 changed plan: pro → free`, a line for each row that differs. */
export function sampled({ samples }: Verification): string[] {
  return samples.map(({ row_number, result, values, message }) => {
    const changes = values.map(({ column, file, table }) =>
      result === "changed" ? `${column}: ${file} → ${table}` : `${column}: ${file}`
    );
    return `${row_number} ${result} ${message ?? changes.join(", ")}`;
  });
}
