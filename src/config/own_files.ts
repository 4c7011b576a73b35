/**
 * The program's own files that are found at run time, by their path in the project. From source they
 * are where they are. In the compiled program, `scripts/compile.ts` puts them under the same path
 * beside the bundled modules.
 */
const ROOT = new URL(Deno.build.standalone ? "." : "../..", import.meta.url);

/** `path` is relative to the project's folder. */
export function ownFile(path: string): URL {
  return new URL(path, ROOT);
}

/** A module to start a thread with. The bundle of a compiled program is JavaScript. */
export function ownModule(path: string): URL {
  return ownFile(Deno.build.standalone ? path.replace(/\.ts$/, ".js") : path);
}
