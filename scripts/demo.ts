/**
 * The main job on real data, with each step explained: two public files go into an embedded
 * Postgres, their bad rows are set aside, repaired and tried again.
 *
 *     scripts/deno task demo
 */
import { fileURLToPath } from "node:url";
import { acquireEmbedded } from "../src/db/embedded.ts";
import { Session } from "../src/db/session.ts";
import { findDataset } from "./demo/dataset.ts";
import { demoHome } from "./demo/home.ts";
import { Interrupted, Narrator } from "./demo/narrator.ts";
import { repair } from "./demo/repair.ts";

const IMPORTERS = fileURLToPath(new URL("demo/importers", import.meta.url));

async function demo(narrator: Narrator, home: string): Promise<void> {
  const airports = await findDataset("airports.csv");
  const strikes = await findDataset("birdstrikes.csv");

  narrator.step(
    `A Postgres of ingest's own is started (its files: ${home}), with two empty tables.`,
  );
  const embedded = await acquireEmbedded(home);
  try {
    await using session = await Session.open(embedded.config, { applicationName: "ingest demo" });
    await session.execute("drop schema if exists ingest cascade");
    await session.execute("drop table if exists airports, bird_strikes");
    await session.execute(await Deno.readTextFile(new URL("demo/tables.sql", import.meta.url)));

    narrator.step("A definition says what to import, in importers/airports.yaml:");
    narrator.quote(await Deno.readTextFile(`${IMPORTERS}/airports.yaml`));

    narrator.step("Do the definitions fit their tables?");
    await narrator.ingest(["check"], 0);

    narrator.step(
      "The file of airports is loaded. Good rows land; bad rows are set aside (exit code 3 says so).",
    );
    await narrator.ingest(["run", "airports", "--file", "airports.csv"], 3, {
      "airports.csv": airports,
    });

    narrator.step("Each bad row is kept with its line in the file, its bytes and its reasons.");
    await narrator.ingest(
      ["rows", "1", "--status", "failed", "--after", "1000", "--limit", "6"],
      0,
    );

    narrator.step("At one glance: what went wrong, and how often?");
    await narrator.ingest(["errors", "1"], 0);

    narrator.step(
      "For 42 of them it is the table that is wrong: too narrow for their codes. It is widened, and " +
        "only the rows that failed are tried again.",
    );
    const widen = "alter table airports alter column iata type varchar(4)";
    narrator.quote(widen);
    await session.execute(widen);
    await narrator.ingest(["retry", "1"], 3);

    narrator.step("The others need somebody who knows the airports: they are exported …");
    const files = { "failed.csv": `${home}/failed.csv`, "fixed.csv": `${home}/fixed.csv` };
    await narrator.ingest(["errors", "1", "--export", "failed.csv", "--force"], 0, files);
    const exported = await Deno.readTextFile(files["failed.csv"]);
    narrator.quote(exported.split("\n").slice(0, 4).join("\n"));

    narrator.step("… repaired (here by a few lines of code, else in a spreadsheet) …");
    await repair(files["failed.csv"], files["fixed.csv"]);
    const fixed = await Deno.readTextFile(files["fixed.csv"]);
    narrator.quote(fixed.split("\n").slice(0, 4).join("\n"));

    narrator.step("… and the repaired rows take the place of the failed ones.");
    await narrator.ingest(["retry", "1", "--file", "fixed.csv"], 0, files);

    narrator.step("The first run knows it, and all 3,376 airports are in the table.");
    await narrator.ingest(["status", "1"], 0);
    narrator.table(await session.query("select count(*)::int as airports from airports"));

    narrator.step("A second file, in small batches: watch it, if this is a terminal.");
    const options = ["--workers", "1"];
    await narrator.ingest(["run", "bird-strikes", "--file", "birdstrikes.csv", ...options], 3, {
      "birdstrikes.csv": strikes,
    });

    narrator.step("From anywhere, at any time: how does the latest run stand?");
    await narrator.ingest(["status"], 0);

    narrator.step(
      "What would the file of airports do now? A dry run does all of it, and takes it back.",
    );
    await narrator.ingest(["run", "airports", "--file", "airports.csv", "--dry-run"], 3, {
      "airports.csv": airports,
    });

    narrator.step("And the rows are in the tables: which birds cost most?");
    narrator.table(await session.query(BIRDS));
  } finally {
    await embedded.release();
  }
  console.log();
  narrator.say("Done; the Postgres is stopped, its data stays until the next demo. Look around:");
  const shown = home.includes(" ") ? `"${home}"` : home;
  narrator.quote(`export INGEST_HOME=${shown} INGEST_EMBEDDED=1\nscripts/deno task dev runs`);
}

const BIRDS = `
  select species, count(*)::int as strikes, sum(cost_usd)::int as cost_usd
    from bird_strikes
   group by species
   order by cost_usd desc
   limit 5`;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

async function main(): Promise<number> {
  const home = await demoHome();
  const narrator = new Narrator(home, IMPORTERS);
  for (const signal of SIGNALS) Deno.addSignalListener(signal, () => narrator.interrupt(signal));
  narrator.say("ingest, on real data. `ingest` below stands for `scripts/deno task dev`.");
  try {
    await demo(narrator, home);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error("Interrupted; the Postgres is stopped.");
      return 130;
    }
    console.error(error instanceof Error ? `demo: ${error.message}` : error);
    return 1;
  }
}

Deno.exit(await main());
