/**
 * `deno task compile` makes one file, `dist/ingest`, that runs without Deno.
 *
 *   deno task compile [--target x86_64-unknown-linux-gnu] [--output dist/ingest] [--no-check]
 *
 * The program gets only the permissions that it needs. Its modules are bundled first, into a few files:
 * each of 400 modules takes 0.2 ms to load, in each thread again. What a command imports when it needs
 * it is in files of its own, so that the others don't read it. Stack traces name functions, but give
 * lines of the bundle. A source map would put them right, for 7 MB and 10 ms at each start.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMPILED_FLAGS } from "./runtime_flags.ts";

const PROGRAM = "main.ts";
/** Found by their path at run time, as `src/config/own_files.ts` says. */
const THREADS = ["src/run/work/worker.ts", "src/hooks/thread.ts"];
const FOLDERS = ["src/db/migrations", "src/http/pages/assets", "src/cli/complete/scripts"];

const root = fileURLToPath(new URL("..", import.meta.url));
const stage = await Deno.makeTempDir({ prefix: "ingest-compile-" });
try {
  Deno.exitCode = await compile(Deno.args);
} finally {
  await Deno.remove(stage, { recursive: true });
}

/** Returns the exit code of the first step that fails, or 0. */
async function compile(args: readonly string[]): Promise<number> {
  const modules = [PROGRAM, ...THREADS];
  const unchecked = args.includes("--no-check");
  const checked = unchecked ? 0 : await deno(["check", "--quiet", ...modules]);
  if (checked !== 0) return checked;
  const options = ["--quiet", "--code-splitting", "--outdir", stage];
  const bundled = await deno(["bundle", ...options, ...modules]);
  if (bundled !== 0) return bundled;
  for await (const path of scriptsIn(stage)) await toAscii(path);
  for (const folder of FOLDERS) await copyFolder(folder);
  const included = [
    ...THREADS.map(bundleOf),
    ...FOLDERS.map((folder) => join(stage, folder)),
  ];
  return await deno([
    ...["compile", "--quiet", "--no-config", "--no-check", ...COMPILED_FLAGS],
    ...included.flatMap((path) => ["--include", path]),
    ...(args.includes("--output") ? [] : ["--output", "dist/ingest"]),
    ...args.filter((arg) => arg !== "--no-check"),
    bundleOf(PROGRAM),
  ]);
}

function bundleOf(module: string): string {
  return join(stage, module.replace(/\.ts$/, ".js"));
}

async function* scriptsIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* scriptsIn(path);
    else if (name.endsWith(".js")) yield path;
  }
}

/**
 * V8 keeps a text in two bytes a character if it has a single one beyond Latin-1, and takes longer to
 * read it: 4 ms at each start. In strings, templates and regular expressions, an escape means the
 * same.
 */
async function toAscii(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  const beyond = /[\u{10000}-\u{10ffff}]|String\.raw`[^`]*[^\0-\x7f`]/u.exec(text);
  if (beyond !== null) throw new Error(`Cannot escape this in the program: ${beyond[0]}`);
  const escaped = text.replaceAll(
    /[^\0-\x7f]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  await Deno.writeTextFile(path, escaped);
}

async function copyFolder(path: string): Promise<void> {
  await Deno.mkdir(join(stage, path), { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(join(root, path))) {
    if (isDirectory) await copyFolder(join(path, name));
    else await Deno.copyFile(join(root, path, name), join(stage, path, name));
  }
}

async function deno(args: readonly string[]): Promise<number> {
  const { code } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd: root }).spawn()
    .status;
  return code;
}
