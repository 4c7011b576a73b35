/**
 * Stops the server when the process that uses it is killed and can't do so itself: a shell that
 * reads from a pipe, which the system closes when the process dies, however it dies. Deno's own
 * exit handlers don't run on kill -9.
 */
import type { Place } from "./place.ts";

export interface Watchdog {
  /** Sends it away: the process leaves in good order. */
  dismiss(): Promise<void>;
}

// $1: the place's root; $2: its mark. SIGINT tells postgres to stop at once, with its
// data in order ("fast"). The signals that a terminal sends to the whole group are not for it.
const script = `
trap '' INT TERM HUP
read -r _ && exit 0
rm -f "$1/users/$2"
for user in "$1"/users/*; do
  name=\${user##*/}
  kill -0 "\${name%.*}" 2>/dev/null && exit 0
done
[ -e "$1/keep" ] || kill -INT "$(head -n 1 "$1/data/postmaster.pid")"
`;

/** `mark`: of the use that ends with this process. */
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
      // It may have been killed itself.
      await writer.write(new TextEncoder().encode("\n")).catch(() => {});
      await writer.close().catch(() => {});
      await shell.status;
    },
  };
}
