/**
 * A process of this same program that rescues the abandoned batches of one run. A batch that was
 * tried before may be what ended the process that tried it. In a process of its own, it takes no
 * other batch with it; and it may wait for a lock as long as it likes, as nobody waits for it.
 */
import { fileURLToPath } from "node:url";
import { ownFile } from "../../config/own_files.ts";
import { TextLineStream } from "../../config/text_lines.ts";
import { ALONE, type Errand, type Report } from "./lonely_messages.ts";

export interface LonelyProcess {
  /** Resolves when it has ended. Never rejects. */
  readonly ended: Promise<void>;
  /** Lets it finish the batch in progress. */
  stop(): void;
  /** Ends it at once; Postgres rolls back the batch in progress. */
  kill(): void;
}

/** Throws if the system starts no process. */
export function startLonely(errand: Errand, onReport: (report: Report) => void): LonelyProcess {
  const { command, args } = ownProgram();
  const child = new Deno.Command(command, {
    args: [...args, ALONE],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  // If it has ended, `ended` says so.
  const send = (line: string) => void input.write(encoder.encode(`${line}\n`)).catch(() => {});
  // Not as an argument: everybody on the machine can read those, and it holds a password.
  send(JSON.stringify(errand));
  const reported = listen(child.stdout, onReport);
  return {
    ended: Promise.all([child.status, reported]).then(() => input.close().catch(() => {})),
    stop: () => send("stop"),
    kill() {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        // It has ended already.
        if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
      }
    },
  };
}

const encoder = new TextEncoder();

async function listen(
  stdout: ReadableStream<Uint8Array>,
  onReport: (report: Report) => void,
): Promise<void> {
  for await (const line of stdout.pipeThrough(new TextLineStream())) {
    onReport(JSON.parse(line) as Report);
  }
}

/** How this program is started: compiled, or from its sources. */
function ownProgram(): { readonly command: string; readonly args: readonly string[] } {
  const command = Deno.execPath();
  if (Deno.build.standalone) return { command, args: [] };
  const at = (path: string) => fileURLToPath(ownFile(path));
  const flags = ["--no-check", "--quiet", "--config", at("deno.json"), "--no-prompt"];
  const permissions = [
    ...["--allow-net", "--allow-read", "--allow-write", "--allow-env", "--allow-run"],
    "--allow-sys=hostname,uid,gid,username",
  ];
  return { command, args: ["run", ...flags, ...permissions, at("main.ts")] };
}
