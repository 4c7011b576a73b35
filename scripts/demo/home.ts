/** Where the demo's Postgres keeps its files. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const IN_REPOSITORY = fileURLToPath(new URL("../../.ingest/demo", import.meta.url));

/**
 * INGEST_HOME if it is set. Otherwise a folder in the repository, so that people can look around
 * afterwards. If the repository belongs to another user, a temporary folder.
 */
export async function demoHome(): Promise<string> {
  const given = Deno.env.get("INGEST_HOME");
  if (given) return given;
  try {
    await mkdir(IN_REPOSITORY, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: IN_REPOSITORY }));
    const { uid } = await Deno.stat(IN_REPOSITORY);
    if (uid === Deno.uid()) return IN_REPOSITORY;
  } catch {
    // We can't write there.
  }
  return await Deno.makeTempDir({ prefix: "ingest-demo-" });
}
