/**
 * An SFTP session over the system's own `ssh`: so keys, agents, known hosts and jump hosts are those
 * that whoever runs ingest has set up, and a host's changed key is refused by the program that people
 * trust with that.
 */
import { SourceError } from "../../error.ts";
import { inTime, TooLate } from "../network/connect.ts";
import { reachOf } from "../network/reach.ts";
import { Unavailable } from "../network/unavailable.ts";
import type { RemoteAccess } from "../remote.ts";
import * as p from "./packets.ts";
import { refusalOfSsh } from "./ssh_messages.ts";

export interface Host {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
  /** A file with a private key; null: as ssh is set up. */
  readonly key: string | null;
  /** A file with the keys of hosts; null: as ssh is set up. */
  readonly knownHosts: string | null;
}

/** No server sends more in one packet. */
const MAX_PACKET = 1024 * 1024;

/** The server says no. `code`: see packets.ts. */
export class SftpFailure extends Error {
  override readonly name = "SftpFailure";

  constructor(readonly code: number, message: string) {
    super(message);
  }
}

interface Answer {
  readonly type: number;
  readonly body: p.Reader;
}

export class SftpSession implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #access: RemoteAccess;
  readonly #host: Host;
  readonly #errors: Promise<string>;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  readonly #version = Promise.withResolvers<void>();
  readonly #reading: Promise<void>;
  #failure: unknown = null;
  #last = 0;

  private constructor(process: Deno.ChildProcess, host: Host, access: RemoteAccess) {
    this.#process = process;
    this.#host = host;
    this.#access = access;
    this.#input = process.stdin.getWriter();
    this.#errors = new Response(process.stderr).text();
    this.#version.promise.catch(() => {});
    this.#reading = this.#read().then(
      () => this.#end(new Unavailable("the connection broke")),
      (error) => this.#end(error),
    );
  }

  /** Throws SourceError, and Unavailable. */
  static async open(host: Host, access: RemoteAccess): Promise<SftpSession> {
    const { connecting } = reachOf(access);
    const session = new SftpSession(startSsh(host, connecting), host, access);
    try {
      await session.#write(new p.Writer().byte(p.INIT).number(3).end());
      await inTime(session.#version.promise, 2 * connecting, access.signal);
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      access.signal.throwIfAborted();
      if (error instanceof SourceError) throw error;
      throw refusalOfSsh(host, error instanceof TooLate ? "timed out" : await session.#errors);
    }
  }

  async stat(path: string): Promise<p.Attributes> {
    return (await this.#ask(p.STAT, (w) => w.text(path), p.ATTRS)).attributes();
  }

  /** Names and attributes of what is in a folder. */
  async list(path: string): Promise<readonly (readonly [string, p.Attributes])[]> {
    const handle = (await this.#ask(p.OPENDIR, (w) => w.text(path), p.HANDLE)).bytes().slice();
    const entries: (readonly [string, p.Attributes])[] = [];
    try {
      for (;;) {
        const names = await this.#ask(p.READDIR, (w) => w.text(handle), p.NAME);
        for (let left = names.number(); left > 0; left--) {
          const name = names.text();
          names.bytes();
          entries.push([name, names.attributes()]);
        }
      }
    } catch (error) {
      if (error instanceof SftpFailure && error.code === p.END_OF_FILE) return entries;
      throw error;
    }
  }

  async openFile(path: string): Promise<Uint8Array> {
    const open = (w: p.Writer) => w.text(path).number(1).number(0);
    return (await this.#ask(p.OPEN, open, p.HANDLE)).bytes().slice();
  }

  async statOpen(handle: Uint8Array): Promise<p.Attributes> {
    return (await this.#ask(p.FSTAT, (w) => w.text(handle), p.ATTRS)).attributes();
  }

  /** At least one byte; null at the end. */
  async read(handle: Uint8Array, at: number, length: number): Promise<Uint8Array | null> {
    try {
      const ask = (w: p.Writer) => w.text(handle).long(at).number(length);
      return (await this.#ask(p.READ, ask, p.DATA)).bytes();
    } catch (error) {
      if (error instanceof SftpFailure && error.code === p.END_OF_FILE) return null;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new Unavailable("the session is over"));
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#input.abort().catch(() => {});
    await this.#process.status;
    await this.#reading;
    await this.#errors;
  }

  async #ask(type: number, fill: (w: p.Writer) => p.Writer, wanted: number): Promise<p.Reader> {
    if (this.#failure !== null) throw this.#failure;
    const id = ++this.#last;
    const answered = Promise.withResolvers<Answer>();
    answered.promise.catch(() => {});
    this.#waiting.set(id, answered);
    await this.#write(fill(new p.Writer().byte(type).number(id)).end());
    const { progress } = reachOf(this.#access);
    let answer: Answer;
    try {
      answer = await inTime(answered.promise, progress, this.#access.signal);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      throw new Unavailable(`${this.#host.host} sends nothing within ${progress / 1000} seconds`);
    }
    if (answer.type === wanted) return answer.body;
    if (answer.type !== p.STATUS) throw new Unavailable("the server's answer is no SFTP");
    throw new SftpFailure(answer.body.number(), answer.body.text());
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#input.write(bytes);
    } catch (error) {
      throw this.#failure ?? new Unavailable("the connection broke", { cause: error });
    }
  }

  async #read(): Promise<void> {
    let buffer: Uint8Array = new Uint8Array();
    for await (const bytes of this.#process.stdout) {
      buffer = buffer.length === 0 ? bytes : joined(buffer, bytes);
      while (buffer.length >= 4) {
        const length = new p.Reader(buffer).number();
        if (length > MAX_PACKET) throw new Unavailable("the server's answer is no SFTP");
        if (buffer.length < 4 + length) break;
        this.#take(new p.Reader(buffer.subarray(4, 4 + length)));
        buffer = buffer.subarray(4 + length);
      }
    }
  }

  #take(body: p.Reader): void {
    const type = body.byte();
    const id = body.number();
    if (type === p.VERSION) return this.#version.resolve();
    this.#waiting.get(id)?.resolve({ type, body });
    this.#waiting.delete(id);
  }

  #end(failure: unknown): void {
    this.#failure ??= failure;
    this.#version.reject(this.#failure);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}

/** It asks nobody anything, and connects only to hosts whose keys are known. */
function startSsh(
  { user, host, port, key, knownHosts }: Host,
  connecting: number,
): Deno.ChildProcess {
  const options = [
    ...["BatchMode=yes", "StrictHostKeyChecking=yes", "ClearAllForwardings=yes"],
    ...["PermitLocalCommand=no", "ServerAliveInterval=15"],
    `ConnectTimeout=${Math.ceil(connecting / 1000)}`,
    ...key === null ? [] : ["IdentitiesOnly=yes"],
    ...knownHosts === null ? [] : [`UserKnownHostsFile=${knownHosts}`],
  ];
  try {
    return new Deno.Command("ssh", {
      args: [
        ...["-x", "-a", "-T"],
        ...options.flatMap((option) => ["-o", option]),
        ...key === null ? [] : ["-i", key],
        ...port === null ? [] : ["-p", String(port)],
        ...user === null ? [] : ["-l", user],
        ...["-s", "--", host, "sftp"],
      ],
      // Its messages are read here.
      env: { LC_ALL: "C" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SourceError(
      `Cannot fetch from ${host}: SFTP needs the program ssh, and it isn't installed here. Install ` +
        "OpenSSH's client.",
    );
  }
}
