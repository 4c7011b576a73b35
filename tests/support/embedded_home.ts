import { removeEmbedded } from "../../src/db/embedded.ts";

/** A home for one embedded server. At the end the server is stopped and everything is deleted. */
export interface TemporaryHome extends AsyncDisposable {
  readonly path: string;
}

/** `name` becomes a part of the path, to make it longer. */
export async function temporaryHome(name = "", dir?: string): Promise<TemporaryHome> {
  const path = await Deno.makeTempDir({ prefix: `ingest-home-${name}`, dir });
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await removeEmbedded(path);
      await Deno.remove(path, { recursive: true });
    },
  };
}

/** Too long for a Unix socket's address: the server listens on loopback. */
export const LONG_NAME = "long-folder-name".repeat(6);
