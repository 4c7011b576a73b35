/**
 * Records a session with the real program, in a real terminal, against an embedded Postgres, and
 * draws it as docs/recording.svg:
 *
 *     scripts/deno run -A scripts/recording.ts [--rows 1000000] [--program dist/ingest]
 *
 * The speed that it shows is this machine's. What differs from one recording to the next is only
 * that, the time of day, and how far the bar is in each step.
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { acquireEmbedded } from "../src/db/embedded.ts";
import { formatDatabaseUrl } from "../src/config/resolve_database.ts";
import { Session } from "../src/db/session.ts";
import { drawRecording } from "./recording/picture.ts";
import { COLUMNS, record } from "./recording/record.ts";
import { customers, DEFINITION, STEPS, TABLE } from "./recording/story.ts";
import { toScenes } from "./recording/timeline.ts";
import { RUNTIME_FLAGS } from "./runtime_flags.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    program: { type: "string" },
    output: { type: "string", default: `${ROOT}docs/recording.svg` },
  },
});
const program = values.program === undefined
  ? [Deno.execPath(), "run", "--no-check", "--quiet", ...RUNTIME_FLAGS, `${ROOT}main.ts`]
  : [await Deno.realPath(values.program)];

const folder = await Deno.makeTempDir({ prefix: "ingest-recording-" });
try {
  await Deno.mkdir(`${folder}/importers`);
  await Deno.writeTextFile(`${folder}/importers/customers.yaml`, DEFINITION);
  using file = await Deno.open(`${folder}/customers.csv`, { write: true, create: true });
  const encoder = new TextEncoder();
  for (const text of customers(Number(values.rows))) await file.write(encoder.encode(text));
  const svg = await draw(`${folder}/home`);
  await Deno.writeTextFile(values.output, svg);
  console.log(`${values.output}: ${Math.round(svg.length / 1000)} kB`);
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function draw(home: string): Promise<string> {
  const embedded = await acquireEmbedded(home);
  try {
    const config = { ...embedded.config, database: "shop" };
    {
      await using session = await Session.open(embedded.config);
      await session.execute("create database shop");
    }
    {
      await using session = await Session.open(config);
      await session.execute(TABLE);
    }
    const env = {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: Deno.env.get("HOME") ?? "",
      ...(Deno.env.has("DENO_DIR") && { DENO_DIR: Deno.env.get("DENO_DIR") ?? "" }),
      DATABASE_URL: formatDatabaseUrl(config),
      INGEST_HOME: home,
      INGEST_USER: "ada",
    };
    // The address of a server that nobody else can have.
    const replace = (text: string) =>
      text.replaceAll(`at ${config.host} (port ${config.port})`, "localhost:5432");
    const steps = [];
    for (const step of STEPS) {
      const { states } = await record([...program, ...step.words], { cwd: folder, env }, replace);
      steps.push({ ...step, states });
    }
    return drawRecording(toScenes(steps), COLUMNS, "From a million rows to the last one repaired");
  } finally {
    await embedded.release();
  }
}
