/**
 * Links and children that the run has created, and that are no longer as it wrote them: those whose row is
 * still there and that still have their key.
 */
import { PostgresError } from "../../db/session.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { findChanged } from "../../load/undo/find_changed.ts";
import type { RowPlace } from "../../load/undo/place.ts";
import { findChangedLinks } from "../../load/verify/expected_links.ts";
import type { LoadPlan } from "../../load/load_plan.ts";
import { listParts, type PartRows } from "../verify/read_rows.ts";
import { allPlans, Noting } from "../verify/related/noting.ts";

/**
 * In the table with the number `relation`; none if the role may not look for them. `xids`: the numbers
 * under which the chain has written.
 */
export async function listChangedRelated(
  ledger: Ledger,
  members: readonly Run[],
  relation: number,
  xids: readonly string[],
): Promise<readonly RowPlace[]> {
  try {
    return await ledger.session.savepoint(
      "ingest_changed",
      () => list(ledger, members, relation, xids),
    );
  } catch (error) {
    // To list them is not worth an undo that fails.
    if (error instanceof PostgresError && error.code === INSUFFICIENT_PRIVILEGE) return [];
    throw error;
  }
}

const INSUFFICIENT_PRIVILEGE = "42501";

async function list(
  ledger: Ledger,
  members: readonly Run[],
  relation: number,
  xids: readonly string[],
): Promise<readonly RowPlace[]> {
  const found: RowPlace[] = [];
  // Otherwise the table may have had some of these keys before.
  const onlyCreated = ({ related }: PartRows, plan: LoadPlan) => {
    const { updated = 0, skipped = 0, ...counts } = related[nameIn(plan, relation) ?? ""] ?? {};
    return Object.keys(counts).length > 0 && updated + skipped === 0;
  };
  const noting = new Noting(ledger, {
    wants: onlyCreated,
    noted: async ({ related }, part) => {
      const table = noting.tables.latest(relation);
      if (table === null) return;
      const { name, plan, how } = table;
      if (plan.kind === "links") {
        const { added = 0, taken = 0 } = related[plan.table.name] ?? {};
        const options = { part, written: added + taken, xids };
        found.push(...await findChangedLinks(ledger.session, name, plan, options));
      } else if (how !== null && how.plan.key.length > 0) {
        found.push(...await findChanged(ledger.session, how.plan, xids));
      }
    },
  });
  await noting.begin();
  for (const run of members) await noting.add({ run, parts: await listParts(ledger, run) });
  return found;
}

/** What the table is called among those that belong to the plan's rows. */
function nameIn(plan: LoadPlan, relation: number): string | null {
  const tables = allPlans(plan).flatMap(({ related = [] }) => related.map(({ table }) => table));
  return tables.find(({ oid }) => oid === relation)?.name ?? null;
}
