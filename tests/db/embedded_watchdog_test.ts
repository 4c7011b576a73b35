/** What stops the server of a process that was killed, and who comes at that very moment. */
import assert from "node:assert/strict";
import {
  acquireEmbedded,
  embeddedStatus,
  lookForEmbedded,
  startEmbedded,
  stopEmbedded,
} from "../../src/db/embedded.ts";
import { findPlace } from "../../src/db/embedded/place.ts";
import { type DatabaseConfig, Session } from "../../src/db/session.ts";
import { temporaryHome } from "../support/embedded_home.ts";
import { TEST_SETTINGS } from "../support/settings.ts";
import { PATIENCE } from "../support/until.ts";
import { otherProcess, waitForEnd } from "./other_process.ts";

interface Comer {
  readonly config: DatabaseConfig;
  leave(): Promise<unknown>;
}

const COMERS: Readonly<Record<string, (home: string) => Promise<Comer>>> = {
  "a process that uses the server": async (home) => {
    const { config, release } = await acquireEmbedded(home, TEST_SETTINGS);
    return { config, leave: release };
  },
  "a command that starts it to stay": async (home) => ({
    config: await startEmbedded(home),
    leave: () => stopEmbedded(home),
  }),
};

for (const [who, come] of Object.entries(COMERS)) {
  Deno.test(`${who}, and comes as it is about to be stopped, has one that runs`, async () => {
    await using home = await temporaryHome();
    const slow = await slowHead(home.path);
    const other = await otherProcess(home, { PATH: slow.path });
    await other.kill();
    await untilThere(home.path, (name) => name === "asked");
    const coming = come(home.path);
    coming.catch(() => {});
    const { root } = await findPlace(home.path);
    await untilThere(`${root}/users`, (name) => name.startsWith(`${Deno.pid}.`));
    // Who doesn't look whether the server is about to be stopped would have found it by now.
    const found = await lookForEmbedded(home.path);
    for (let nr = 0; nr < 30; nr++) await (await Session.open(found!)).close();
    await slow.goOn();
    await waitForEnd(other.serverPid);
    const { config, leave } = await coming;
    {
      await using session = await Session.open(config);
      assert.deepEqual(await session.query("select 1 as one"), [{ one: 1 }]);
    }
    await leave();
    assert.equal((await embeddedStatus(home.path)).running, false);
  });
}

/**
 * The watchdog reads with `head` which process it is to stop, after it has seen that nobody else uses
 * the server. This one tells when it is asked, and waits.
 */
async function slowHead(folder: string) {
  const path = `${folder}/bin`;
  const go = `${folder}/go`;
  await Deno.mkdir(path);
  const { success } = await new Deno.Command("mkfifo", { args: [go] }).output();
  assert.ok(success);
  const script =
    `#!/bin/sh\n: >${folder}/asked\nread -r _ <${go}\nPATH=/usr/bin:/bin exec head "$@"\n`;
  await Deno.writeTextFile(`${path}/head`, script, { mode: 0o755 });
  return {
    path: `${path}:${Deno.env.get("PATH")}`,
    goOn: () => Deno.writeTextFile(go, "\n"),
  };
}

/** Waits until the folder has such a file. Polls without a pause: nobody tells. */
async function untilThere(folder: string, fits: (name: string) => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end;) {
    for await (const { name } of Deno.readDir(folder)) if (fits(name)) return;
  }
  throw new Error(`waited in vain for a file in ${folder}`);
}
