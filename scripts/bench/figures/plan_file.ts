/**
 * Plans one file and prints how long that took. It is a process of its own, with the program's
 * flags: during a real run, workers load at the same time, and the run's events don't separate the
 * two.
 *
 *     deno run … plan_file.ts <database URL> <importers> <importer> <file>
 */
import { resolveDatabase } from "../../../src/config/resolve_database.ts";
import { thisMachine } from "../../../src/config/machine.ts";
import { Session } from "../../../src/db/session.ts";
import { findImporter } from "../../../src/importer/folder.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { createRunFor } from "../../../src/run/request/create.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";

const SCHEMA = "ingest";

const [databaseUrl, importers, importer, file] = Deno.args;
const environment = Deno.env.toObject();
const choice = resolveDatabase({ databaseUrl }, environment, false, thisMachine(environment));
if (choice.kind !== "server") throw new Error("the URL names no server");
await using session = await Session.open(choice.config, {
  applicationName: "ingest bench planner",
});
const ledger = new Ledger(session, SCHEMA);
const { definition } = await findImporter(importers, importer, { ownSchema: SCHEMA });
const { run: { id } } = await createRunFor((work) => work(ledger), {
  definition,
  file,
  user: null,
  // Nothing is copied, because the file is UTF-8 and the run stays in this process.
  spoolFolder: ".",
  detach: false,
  dryRun: false,
});
await startRun(ledger, id);
const program = await prepareRun(session, await requireRun(ledger, id), SCHEMA);
const began = performance.now();
const end = await planRun(ledger, program);
const seconds = (performance.now() - began) / 1000;
const { total_rows } = await requireRun(ledger, id);
console.log(JSON.stringify({ end, seconds, rows: total_rows }));
