/**
 * The program's own files that are found at run time, by their path in the project. From source they
 * are where they are. In the compiled program, `scripts/compile.ts` puts them under the same path
 * beside the bundle that all its modules are in.
 */
const ROOT = new URL(Deno.build.standalone ? "." : "../..", import.meta.url);

/** `path` is relative to the project's folder. */
export function ownFile(path: string): URL {
  return new URL(path, ROOT);
}

/**
 * A module of a bundle of its own, to import only where it is needed. What it throws is an instance
 * of classes of its own: it is told by its name.
 */
export function ownPart(path: string): URL {
  return Deno.build.standalone ? ownFile(bundleOfPart(path)) : ownFile(path);
}

/** Beside the bundle of the program, so that both find the same files. */
export function bundleOfPart(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.ts$/, ".js");
}

/** A module to start a thread with. The bundle of a compiled program is JavaScript. */
export function ownModule(path: string): URL {
  return ownFile(Deno.build.standalone ? path.replace(/\.ts$/, ".js") : path);
}
