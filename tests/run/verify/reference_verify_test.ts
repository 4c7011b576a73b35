/**
 * Random imports, as in reference_test.ts: a verification finds what the model says that the run has
 * written, and nothing else; and if somebody changes or deletes a row behind its back, exactly that.
 *
 * `REFERENCE_RUNS=5000 REFERENCE_SEED=1` runs more cases, or others.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { Verification } from "../../../src/run/verify/findings.ts";
import { anyCase, type Case } from "../reference_case.ts";
import { referencePlace } from "../reference_place.ts";
import { fileText } from "../reference_file.ts";
import { importCase } from "../reference_run.ts";
import { applyOneByOne, type Expected } from "../reference_model.ts";
import { createTarget } from "../reference_target.ts";
import { counted, sampled, verify } from "./verifying.ts";

const RUNS = Number(Deno.env.get("REFERENCE_RUNS") ?? 60);
const SEED = Number(Deno.env.get("REFERENCE_SEED") ?? 20240229);

Deno.test("a verification finds what the run has written, and exactly what was changed since", async () => {
  await using place = await referencePlace();
  const { session } = place;
  const seen = { compared: 0, changed: 0, gone: 0 };
  const cases = fc.tuple(anyCase, fc.nat(), fc.boolean());
  await fc.assert(
    fc.asyncProperty(cases, async ([each, which, deletes]) => {
      const expected = applyOneByOne(each);
      // A trigger that changes values makes them differ from the file: verify_test.ts.
      if (expected.usesFreedValue || each.shape.trigger === "lower") return;
      seen.compared++;
      const before = applyOneByOne({ ...each, rows: [] }).table;
      await createTarget(session, each, before);
      const old = await writers(session);
      const { run } = await importCase(place, each, false);
      const ledger = new Ledger(session, "ingest");
      const clean = await verify(ledger, run.id, each.workers);
      assertClean(clean, expected);
      const row = await disturb(session, which, deletes);
      if (row === null) return;
      const found = await verify(ledger, run.id, each.workers);
      const differ = assertOnly(found, clean, row.key, deletes);
      // Of skipped rows, it isn't known whether the table had them; without a unique key, an equal
      // row may stand for this one.
      const isHidden = deletes && each.rules.onMissing === "skip" || !each.rules.hasKey ||
        each.shape.keyIndex === "none";
      if (!old.includes(row.xmin) && !isHidden) ok(differ, text(row));
      if (differ) seen[deletes ? "gone" : "changed"]++;
    }),
    { numRuns: RUNS, seed: SEED, reporter: report },
  );
  ok(seen.compared > RUNS / 2 && seen.changed > RUNS / 20 && seen.gone > RUNS / 20, text(seen));
});

function text(value: unknown): string {
  return JSON.stringify(value);
}

function assertClean(found: Verification, { outcomes }: Expected): void {
  const count = (status: string) => outcomes.filter((o) => o.status === status).length;
  const said = `${counted(found)}\n${sampled(found).join("\n")}`;
  strictEqual(found.differs, false, said);
  const { as_written, skipped, replaced, set_aside } = found.rows;
  strictEqual(set_aside, count("failed"), said);
  strictEqual(as_written + skipped + replaced, outcomes.length - count("failed"), said);
}

/** The transactions that have written the table's rows. */
async function writers(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ xmin: string }>("select xmin::text from t");
  return rows.map(({ xmin }) => xmin);
}

interface Disturbed {
  readonly at: string;
  readonly key: string;
  readonly xmin: string;
}

/** Changes or deletes a row of the table. */
async function disturb(
  session: Session,
  which: number,
  deletes: boolean,
): Promise<Disturbed | null> {
  const [row] = await session.query<Disturbed>(
    `select t.tableoid::regclass || ' ' || t.ctid as at, coalesce(k::text, 'NULL') as key,
       t.xmin::text
     from t order by k, email, t.ctid offset ${which} % greatest((select count(*) from t), 1) limit 1`,
  );
  if (row === undefined) return null;
  const [table, place] = row.at.split(" ");
  await session.query(
    `set session_replication_role = replica;
     ${
      deletes ? `delete from ${table}` : `update ${table} set ref = coalesce(ref, 0) + 100`
    } where ctid = '${place}';
     set session_replication_role = origin`,
  );
  return row;
}

function canonical(key: string | null): string {
  return Number.isNaN(Number(key ?? "NULL")) ? key ?? "NULL" : String(Number(key));
}

/** Only rows with this key differ. Returns whether any does. */
function assertOnly(found: Verification, clean: Verification, key: string, deletes: boolean) {
  const said = `${key}: ${counted(clean)}, then ${counted(found)}\n${sampled(found).join("\n")}`;
  const { changed, gone, not_found } = found.rows;
  const all = changed + gone + not_found;
  strictEqual(found.samples.length, all, said);
  if (deletes) strictEqual(changed, 0, said);
  else strictEqual(gone, 0, said);
  for (const sample of found.samples) {
    if (sample.result !== "not_found") {
      const { k } = { k: undefined, ...sample.key };
      // 2.0 and 2.00 are the same key.
      if (k !== undefined) strictEqual(canonical(k), canonical(key), said);
    }
    if (sample.result === "changed") {
      deepStrictEqual(sample.values.map(({ column }) => column), ["ref"], said);
    }
  }
  return all > 0;
}

function report(details: fc.RunDetails<[[Case, number, boolean]]>): void {
  if (!details.failed) return;
  const [found] = details.counterexample ?? [];
  if (found === undefined) throw new Error(`No counterexample: ${details.errorInstance}`);
  const [{ shape, rules, existing, rows, ...schedule }, which, deletes] = found;
  throw new Error(
    [
      `seed ${details.seed}, path ${details.counterexamplePath}, after ${details.numRuns} runs`,
      `the table:  ${text(shape)}`,
      `the rules:  ${text(rules)}`,
      `schedule:   ${text({ ...schedule, which, deletes })}`,
      `in the table before: ${existing.map((row) => Object.values(row).join(",")).join(" / ")}`,
      fileText(rows),
      String(details.errorInstance instanceof Error ? details.errorInstance.stack : ""),
    ].join("\n"),
    { cause: details.errorInstance },
  );
}
