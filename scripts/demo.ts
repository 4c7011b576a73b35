/**
 * Does the main job on real data and explains each step: loads two public files into an embedded
 * Postgres, sets their bad rows aside, repairs them and retries them, and takes a wrong import back.
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
    `ingest starts a Postgres of its own (files in ${home}), with two empty tables.`,
  );
  const embedded = await acquireEmbedded(home);
  try {
    await using session = await Session.open(embedded.config, { applicationName: "ingest demo" });
    await session.execute("drop schema if exists ingest cascade");
    await session.execute("drop table if exists airports, bird_strikes");
    await session.execute(await Deno.readTextFile(new URL("demo/tables.sql", import.meta.url)));

    narrator.step("A definition says what to import, in importers/airports.yaml:");
    narrator.quote(await Deno.readTextFile(`${IMPORTERS}/airports.yaml`));

    narrator.step("Do the definitions match their tables?");
    await narrator.ingest(["check"], 0);

    narrator.step(
      "Now the file of airports is loaded. Good rows go into the table. Bad rows are set aside, " +
        "which is why the exit code is 3.",
    );
    await narrator.ingest(["run", "airports", "--file", "airports.csv"], 3, {
      "airports.csv": airports,
    });

    narrator.step("Each bad row is kept with its line number, its bytes and the reasons.");
    await narrator.ingest(
      ["rows", "1", "--status", "failed", "--after", "1000", "--limit", "6"],
      0,
    );

    narrator.step("What went wrong, and how often?");
    await narrator.ingest(["errors", "1"], 0);

    narrator.step(
      "For 42 of them, the table is to blame: its column is too narrow for their codes. We widen " +
        "it and retry only the rows that failed.",
    );
    const widen = "alter table airports alter column iata type varchar(4)";
    narrator.quote(widen);
    await session.execute(widen);
    await narrator.ingest(["retry", "1"], 3);

    narrator.step("The others need someone who knows the airports, so they are exported …");
    const files = { "failed.csv": `${home}/failed.csv`, "fixed.csv": `${home}/fixed.csv` };
    await narrator.ingest(["errors", "1", "--export", "failed.csv", "--force"], 0, files);
    const exported = await Deno.readTextFile(files["failed.csv"]);
    narrator.quote(exported.split("\n").slice(0, 4).join("\n"));

    narrator.step("… repaired (here by a few lines of code, usually in a spreadsheet) …");
    await repair(files["failed.csv"], files["fixed.csv"]);
    const fixed = await Deno.readTextFile(files["fixed.csv"]);
    narrator.quote(fixed.split("\n").slice(0, 4).join("\n"));

    narrator.step("… and retried: the repaired rows replace the failed ones.");
    await narrator.ingest(["retry", "1", "--file", "fixed.csv"], 0, files);

    narrator.step("The first run knows about it. All 3,376 airports are in the table.");
    await narrator.ingest(["status", "1"], 0);
    narrator.table(await session.query("select count(*)::int as airports from airports"));

    narrator.step(
      "Now a second file, in small batches. On a terminal, you can watch its progress.",
    );
    const options = ["--workers", "1"];
    await narrator.ingest(["run", "bird-strikes", "--file", "birdstrikes.csv", ...options], 3, {
      "birdstrikes.csv": strikes,
    });

    narrator.step("From anywhere, at any time, you can ask for the state of the latest run.");
    await narrator.ingest(["status"], 0);

    narrator.step(
      "What would the file of airports do now? A dry run does everything and rolls it back.",
    );
    await narrator.ingest(["run", "airports", "--file", "airports.csv", "--dry-run"], 3, {
      "airports.csv": airports,
    });

    narrator.step(
      "Somebody loads an old list of airports by mistake. It adds two that are closed, and " +
        "overwrites three names …",
    );
    const old = { "old.csv": `${home}/old.csv` };
    await Deno.writeTextFile(old["old.csv"], OLD_AIRPORTS);
    await narrator.ingest(["run", "airports", "--file", "old.csv"], 0, old);
    narrator.table(await session.query(OVERWRITTEN));

    narrator.step("… and takes it back: the new rows are gone, the others are as they were.");
    await narrator.ingest(["undo", "6"], 0);
    narrator.table(await session.query(OVERWRITTEN));

    narrator.step("And the rows are ready for queries: which birds cost the most?");
    narrator.table(await session.query(BIRDS));
  } finally {
    await embedded.release();
  }
  console.log();
  narrator.say("Done. Postgres is stopped; its data stays until the next demo. To look around:");
  const shown = home.includes(" ") ? `"${home}"` : home;
  narrator.quote(`export INGEST_HOME=${shown} INGEST_EMBEDDED=1\nscripts/deno task dev runs`);
}

/** As it was in 1962. */
const OLD_AIRPORTS = `iata,name,city,state,country,latitude,longitude
JFK,Idlewild,New York,NY,USA,40.63975111,-73.77892556
ORD,Orchard Place,Chicago,IL,USA,41.979595,-87.90446417
DCA,Washington National,Arlington,VA,USA,38.85208333,-77.03772222
QSP,Stapleton,Denver,CO,USA,39.7667,-104.8936
QMF,Meigs,Chicago,IL,USA,41.8588,-87.6079
`;

const OVERWRITTEN = `
  select iata, name, city
    from airports
   where iata in ('JFK', 'ORD', 'DCA', 'QSP', 'QMF')
   order by iata`;

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
  narrator.say("This is ingest on real data. Below, `ingest` stands for `scripts/deno task dev`.");
  try {
    await demo(narrator, home);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error("Interrupted. Postgres is stopped.");
      return 130;
    }
    console.error(error instanceof Error ? `demo: ${error.message}` : error);
    return 1;
  }
}

Deno.exit(await main());
