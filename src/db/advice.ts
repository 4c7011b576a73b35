/** What to do about an error of the server that no row and no definition causes. */

/** By SQLSTATE; a sentence for whoever looks after the server. */
const ADVICE: Readonly<Record<string, string>> = {
  "53100": "Free space on the server's disk.",
  "53200": "The server needs more memory.",
  "53400": "Raise the limit in the server's configuration.",
  "58030": "Look after the server's disk.",
};

/** Begins with a blank; empty if there is none. */
export function adviceOn({ code }: { readonly code: string }): string {
  return Object.hasOwn(ADVICE, code) ? ` ${ADVICE[code]}` : "";
}
