import { acquireEmbedded, embeddedStatus } from "../../../src/db/embedded.ts";
import { TEST_SETTINGS } from "../../support/settings.ts";

/** Starts the server in `home` with a certificate for `localhost` that `ca.crt` has signed. */
export async function acquireTlsServer(home: string) {
  const { dataFolder } = await embeddedStatus(home);
  const { uid, gid } = await Deno.stat(dataFolder);
  for (const name of ["server.crt", "server.key"]) {
    await Deno.copyFile(new URL(name, import.meta.url), `${dataFolder}/${name}`);
    await Deno.chmod(`${dataFolder}/${name}`, 0o600);
    await Deno.chown(`${dataFolder}/${name}`, uid, gid);
  }
  return await acquireEmbedded(home, { ...TEST_SETTINGS, ssl: "on" });
}
