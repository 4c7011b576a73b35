/** What commands lend to whoever fetches files from elsewhere. */
import type { RemoteAccess } from "../source/remote/remote.ts";
import type { Settings } from "./settings.ts";

/** Bytes of a file that is fetched, unless the definition says it: as many as the server takes. */
const MAX_DOWNLOAD = 10 * 1000 ** 3;

export function remoteAccess(
  { allowedHosts, variable }: Pick<Settings, "allowedHosts" | "variable">,
  signal: AbortSignal,
): RemoteAccess {
  return { allowedHosts, variable, maxBytes: MAX_DOWNLOAD, signal };
}
