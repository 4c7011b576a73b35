/** OpenSSH's server, as a process of the test's own, with keys and a folder of its own. */
import { createServer } from "node:net";

export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** Where its files are. */
  readonly folder: string;
  /** A private key that it takes, and one that it doesn't. */
  readonly key: string;
  readonly otherKey: string;
  readonly knownHosts: string;
}

/** Its reason not to run here; null: it can. */
export function whyNoSshd(): string | null {
  if (Deno.uid() !== 0) return "sshd is only started by root";
  for (const path of ["/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen"]) {
    try {
      Deno.statSync(path);
    } catch {
      return `${path} is missing: apt-get install openssh-server openssh-client`;
    }
  }
  return null;
}

export async function startSshd(): Promise<SshServer> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-sshd-" });
  const [host, key, otherKey] = ["host", "key", "other"].map((name) => `${folder}/${name}`);
  for (const path of [host, key, otherKey]) await makeKey(path);
  await Deno.copyFile(`${key}.pub`, `${folder}/authorized_keys`);
  await Deno.mkdir(`${folder}/files`);
  await Deno.mkdir("/run/sshd", { recursive: true });
  const { port, server, log } = await listeningAnywhere(folder, host);
  const knownHosts = `${folder}/known_hosts`;
  const hostKey = (await Deno.readTextFile(`${host}.pub`)).split(" ").slice(0, 2).join(" ");
  await Deno.writeTextFile(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
  return {
    ...{ port, folder: `${folder}/files`, key, otherKey, knownHosts },
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await server.status;
      await log.ended;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export async function makeKey(path: string): Promise<void> {
  const args = ["-q", "-t", "ed25519", "-N", "", "-f", path];
  const { success } = await new Deno.Command("ssh-keygen", { args }).output();
  if (!success) throw new Error("ssh-keygen failed");
}

/** sshd can't choose a port, and somebody else may take the one that was free. */
async function listeningAnywhere(folder: string, host: string) {
  for (let attempt = 1;; attempt++) {
    const port = await freePort();
    await Deno.writeTextFile(
      `${folder}/config`,
      [
        ...[`ListenAddress 127.0.0.1:${port}`, `HostKey ${host}`, `PidFile ${folder}/pid`],
        ...[`AuthorizedKeysFile ${folder}/authorized_keys`, "StrictModes no", "UsePAM no"],
        ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin yes"],
        ...["Subsystem sftp internal-sftp", "LogLevel INFO", "MaxStartups 100"],
      ].join("\n") + "\n",
    );
    const server = new Deno.Command("/usr/sbin/sshd", {
      args: ["-D", "-e", "-f", `${folder}/config`],
      ...{ stdin: "null", stdout: "null", stderr: "piped" },
    }).spawn();
    try {
      return { port, server, log: await listening(server) };
    } catch (error) {
      await server.status;
      if (attempt === 10 || !String(error).includes("already in use")) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Until it says that it listens. What comes back ends when its log does. */
async function listening({ stderr }: Deno.ChildProcess): Promise<Log> {
  const listens = Promise.withResolvers<void>();
  let said = "";
  const read = async () => {
    for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (said.includes("Server listening")) listens.resolve();
    }
    listens.reject(new Error(`sshd doesn't listen: ${said}`));
  };
  const ended = read();
  ended.catch(listens.reject);
  await listens.promise;
  return { ended };
}

interface Log {
  readonly ended: Promise<void>;
}
