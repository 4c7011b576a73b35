const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/**
 * Parses `1MB`, `512 KiB` or a plain number into bytes. KB, MB and GB are powers of 1000; KiB, MiB
 * and GiB are powers of 1024. Null if it is none of these, or less than one byte.
 */
export function parseByteSize(size: string | number): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/iu.exec(String(size).trim());
  if (match === null) return null;
  const unit = match[2] === "" ? 1 : UNITS[match[2].toLowerCase()];
  if (unit === undefined) return null;
  const bytes = Math.floor(Number(match[1]) * unit);
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : null;
}
