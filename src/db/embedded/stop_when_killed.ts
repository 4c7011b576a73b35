/**
 * Stops the server if the process that uses it is killed and can't do so itself. The watchdog is a
 * shell that reads from a pipe. The system closes the pipe when the process dies, even after
 * kill -9, which runs none of Deno's exit handlers.
 */
import type { Place } from "./place.ts";

export interface Watchdog {
  /** Ends the watchdog, because the process is leaving normally. */
  dismiss(): Promise<void>;
}

// $1 is the place's root, $2 the mark. It says that it may stop the server before it looks who uses it,
// and whoever comes says that it uses it before it looks for that: so one of them sees the other
// (`untilNobodyStops`). SIGINT is Postgres's "fast" shutdown: at once, but cleanly.
// The shell ignores the signals that a terminal sends to the whole process group.
const script = `
trap '' INT TERM HUP
read -r _ && exit 0
stopping="$1/stopping.$$"
trap 'rm -f "$stopping"' EXIT
true >"$stopping"
rm -f "$1/users/$2"
for user in "$1"/users/*; do
  name=\${user##*/}
  kill -0 "\${name%.*}" 2>/dev/null && exit 0
done
[ -e "$1/keep" ] || kill -INT "$(head -n 1 "$1/data/postmaster.pid")"
`;

/** `mark`: the mark of this process's use. */
export function watch(place: Place, mark: string): Watchdog {
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", script, "sh", place.root, mark],
    cwd: "/",
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  // It must not keep the program from ending.
  shell.unref();
  return {
    dismiss: async () => {
      shell.ref();
      const writer = shell.stdin.getWriter();
      // The watchdog may itself have been killed.
      await writer.write(new TextEncoder().encode("\n")).catch(() => {});
      await writer.close().catch(() => {});
      await shell.status;
    },
  };
}
