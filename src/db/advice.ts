/** What to do about an error of the server that no row and no definition causes. */

/** By SQLSTATE; a sentence for whoever looks after the server. */
const ADVICE: Readonly<Record<string, string>> = {
  "53100": "Free space on the server's disk.",
  "53200": "The server needs more memory.",
  "53400": "Raise the limit in the server's configuration.",
  "55P03": "Raise the role's lock_timeout, or end what holds the lock (ingest status).",
  "57014": "Somebody, or a time limit of the server, has cancelled the statement.",
  "58030": "Look after the server's disk.",
};

/** Begins with a blank; empty if there is none. */
export function adviceOn({ code }: { readonly code: string }): string {
  return Object.hasOwn(ADVICE, code) ? ` ${ADVICE[code]}` : "";
}
