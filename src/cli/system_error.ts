/** What the operating system has refused, and what to do: no error in ingest itself. */

/** `No space left on device (os error 28): copy '/a' -> '/b'`; Deno's words. */
const SYSTEM = /^(.*?) \(os error (\d+)\)(?:: (\w+) '(.*?)'(?: -> '(.*)')?)?$/su;

/** By the number of the error, on Linux; on macOS only the numbers of the first ones are the same. */
const ADVICE: Readonly<Record<string, string>> = {
  "1": "Make it accessible for this user",
  "13": "Make it accessible for this user",
  "24": "Allow the process more open files: ulimit -n",
  "28": "Free space on its disk",
  "30": "Name a place that can be written to",
  "36": "Use a shorter name",
  "40": "Its links lead in a circle: name the file itself",
  "62": "Its links lead in a circle: name the file itself",
};

/** One line; null if it is another kind of error. */
export function describeSystemError(error: Error): string | null {
  const match = SYSTEM.exec(error.message);
  if (match === null) return null;
  const [, reason, number, verb, from, to] = match;
  const what = verb === undefined ? "go on" : `${verb} ${to ?? from}`;
  const advice = Object.hasOwn(ADVICE, number) ? ` ${ADVICE[number]}.` : "";
  return `Cannot ${what}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}.${advice}`;
}
