/**
 * `deno task compile`: one file, `dist/ingest`, that runs without Deno.
 *
 *   deno task compile [--target x86_64-unknown-linux-gnu] [--output dist/ingest]
 *
 * Asks for the permissions that it needs, not for all. Workers and migrations are found at run
 * time by their path, so they are named here; `--exclude-unused-npm` keeps packages out that only
 * tests and the embedded Postgres of other platforms need.
 */
import { RUNTIME_FLAGS } from "./runtime_flags.ts";

const INCLUDED = ["src/run/worker.ts", "src/db/migrations"];

const root = new URL("..", import.meta.url).pathname;
const given = Deno.args.includes("--output") ? [] : ["--output", "dist/ingest"];
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    "compile",
    ...RUNTIME_FLAGS,
    "--exclude-unused-npm",
    ...INCLUDED.flatMap((path) => ["--include", path]),
    ...given,
    ...Deno.args,
    "main.ts",
  ],
  cwd: root,
}).spawn().status;
Deno.exit(code);
