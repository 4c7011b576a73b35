/**
 * `deno task compile`: one file, `dist/ingest`, that runs without Deno.
 *
 *   deno task compile [--target x86_64-unknown-linux-gnu] [--output dist/ingest]
 *
 * Asks for the permissions that it needs, not for all. Workers and migrations are found at run
 * time by their path, so they are named here; `--exclude-unused-npm` keeps packages out that only
 * tests need. Not bundled: that would save 7 MB of 100 and a third of the 0.12 s
 * that `list` takes, but `version` starts slower, files are no longer where `import.meta.url` says,
 * and stack traces lose their positions.
 */
import { fileURLToPath } from "node:url";
import { RUNTIME_FLAGS } from "./runtime_flags.ts";

const INCLUDED = ["src/run/work/worker.ts", "src/db/migrations"];

const root = fileURLToPath(new URL("..", import.meta.url));
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
