/** A file from OpenSSH's server, fetched by the program itself. */
import assert from "node:assert/strict";
import { temporaryFolder } from "../cli/customers.ts";
import { ingest } from "../cli/start_program.ts";
import { startSshd, whyNoSshd } from "../source/remote/sshd.ts";
import { testDatabase } from "../support/database.ts";

const reason = whyNoSshd();
if (reason !== null) console.log(`tests of SFTP are skipped: ${reason}`);

/** `ssh-agent` in the foreground, listening on a socket of the test's own. */
async function startAgent(folder: string) {
  const socket = `${folder}/agent`;
  const agent = new Deno.Command("ssh-agent", {
    args: ["-D", "-a", socket],
    ...{ stdin: "null", stdout: "piped", stderr: "null" },
  }).spawn();
  // It prints where it listens once it does.
  const reader = agent.stdout.getReader();
  await reader.read();
  return {
    socket,
    async add(key: string) {
      const { success } = await new Deno.Command("ssh-add", {
        args: ["-q", key],
        env: { SSH_AUTH_SOCK: socket },
      }).output();
      assert.ok(success);
    },
    async [Symbol.asyncDispose]() {
      agent.kill("SIGTERM");
      await agent.status;
      await reader.cancel();
    },
  };
}

Deno.test({
  name: "keys of ssh-agent are used, and without one that fits nothing is loaded",
  ignore: reason !== null,
  async fn() {
    await using db = await testDatabase();
    await db.session.execute("create table people (id int primary key, name text)");
    await using folder = await temporaryFolder();
    await using server = await startSshd();
    await Deno.writeTextFile(`${server.folder}/a.csv`, "id,name\n1,Ana\n");
    await Deno.writeTextFile(`${server.folder}/b.csv`, "name,id\nBo,2\n");
    await using agent = await startAgent(folder.path);
    const start = (command: string) =>
      ingest([
        ...[command, "--table", "people", "--json"],
        ...["--file", `sftp://root@127.0.0.1:${server.port}${server.folder}/*.csv`],
      ], {
        database: db,
        env: {
          ...{ INGEST_HOME: `${folder.path}/home`, HOME: folder.path },
          ...{ SSH_AUTH_SOCK: agent.socket, INGEST_KNOWN_HOSTS: server.knownHosts },
        },
      });
    await agent.add(server.otherKey);
    const refused = await start("run");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /it doesn't let this user in/u);
    await agent.add(server.key);
    const checked = await start("check");
    assert.equal(checked.code, 0, checked.stderr);
    const { files } = JSON.parse(checked.stdout).data;
    assert.deepEqual([files.count, files.different.length], [2, 1]);
    const { code, stderr } = await start("run");
    assert.equal(code, 0, stderr);
    assert.deepEqual(await db.session.query("select * from people order by id"), [
      { id: 1, name: "Ana" },
      { id: 2, name: "Bo" },
    ]);
  },
});
