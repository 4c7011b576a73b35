import { checksumOf } from "../../hooks/files.ts";
import type { Definition } from "../../importer/definition.ts";

/**
 * Why a run's hooks are not what they were when it was created, after "Cannot …:"; null if they are,
 * or it has none.
 */
export async function hooksDiffer({ hooks }: Definition): Promise<string | null> {
  if (hooks?.path === undefined) return null;
  const now = await checksumOf(hooks.path).catch(() => null);
  if (now === hooks.checksum) return null;
  return now === null
    ? `its hooks file ${hooks.file} is not there, or can't be read, on this machine`
    : `its hooks file ${hooks.file} has changed since the run began`;
}
