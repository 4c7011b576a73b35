/**
 * Copies Postgres to a folder where the server's user can run it. The npm package lacks its
 * symbolic links, because its install script makes them and Deno doesn't run that. It also lies in
 * a cache that other users may be unable to read.
 */
import type { Environment } from "./environment.ts";
import { exists } from "./files.ts";
import { EMBEDDED_VERSION, findPackage } from "./package.ts";
import type { Place } from "./place.ts";

/**
 * Resolves with the folder of the programs, or null if there is no package to copy. The caller
 * holds the place's lock, so that no other process installs at the same time.
 */
export async function install(place: Place, environment: Environment): Promise<string | null> {
  const installed = `${place.root}/${EMBEDDED_VERSION}`;
  if (await exists(`${installed}/bin/postgres`)) return `${installed}/bin`;

  const native = await findPackage(environment);
  if (native === null) return null;
  const unfinished = `${installed}.unfinished`;
  await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  await copyFolder(native, unfinished);
  await makeLinks(native, unfinished);
  await Deno.rename(unfinished, installed);
  return `${installed}/bin`;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  await Deno.chmod(to, 0o755);
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory) {
      await copyFolder(source, target);
    } else if (entry.isFile && !entry.name.endsWith(".a")) {
      await Deno.copyFile(source, target);
      // The cache's files may be private to their owner. Execute permission does libraries no harm.
      await Deno.chmod(target, 0o755);
    }
  }
}

/** The package lists pairs of `source` and `target`: `native/lib/x.so.6.18`, `native/lib/x.so`. */
async function makeLinks(from: string, to: string): Promise<void> {
  const list: unknown = JSON.parse(await Deno.readTextFile(`${from}/pg-symlinks.json`));
  if (!Array.isArray(list)) throw new Error(`${from}/pg-symlinks.json is not a list`);
  for (const { source, target } of list) {
    const [file, link] = [source, target].map((path) => String(path).replace(/^native\//, ""));
    const up = "../".repeat(link.split("/").length - 1);
    await Deno.symlink(`${up}${file}`, `${to}/${link}`);
  }
}
