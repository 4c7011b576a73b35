import { acquireEmbedded, embeddedStatus } from "../../../src/db/embedded.ts";
import { TEST_SETTINGS } from "../../support/settings.ts";

/** A certificate for `localhost`, by `ca.crt`, for the server in `home` when it starts next. */
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
