/** Hosts in private networks that the operator lets ingest reach. */

/**
 * `allowed`: names or addresses, each maybe with a port: `files.local`, `10.0.0.5:8080`, `[::1]:80`. A
 * name that begins with a dot means all hosts below it.
 */
export function allowsHost(allowed: readonly string[], host: string, port: number): boolean {
  const name = bare(host);
  return allowed.some((entry) => {
    const { host: wanted, port: only } = parts(entry);
    const fits = wanted.startsWith(".") ? name.endsWith(wanted) : name === wanted;
    return fits && (only === null || only === port);
  });
}

function parts(entry: string): { readonly host: string; readonly port: number | null } {
  const colons = entry.split(":").length - 1;
  const match = /^(.*?):(\d+)$/u.exec(entry);
  // An IPv6 address without brackets ends in no port.
  if (match === null || (colons > 1 && !entry.startsWith("["))) {
    return { host: bare(entry), port: null };
  }
  return { host: bare(match[1]), port: Number(match[2]) };
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/u, "$1").replace(/\.$/u, "");
}
