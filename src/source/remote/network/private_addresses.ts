/** Which IP addresses are not of the public internet. */

/** Ranges of IPv4: the first address, and how many bits it shares with the others. */
const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // This machine.
  ["10.0.0.0", 8],
  ["100.64.0.0", 10], // Between a provider and its customers.
  ["127.0.0.0", 8], // Loopback.
  ["169.254.0.0", 16], // Link-local: also where clouds tell machines their credentials.
  ["168.63.129.16", 32], // Of Azure: see below.
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24], // Of documents.
  ["192.88.99.0", 24], // 6to4 relays.
  ["192.168.0.0", 16],
  ["198.18.0.0", 15], // Benchmarks.
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4], // Multicast.
  ["240.0.0.0", 4], // Reserved, and broadcast.
];

/** The only addresses of IPv6 that are given out so far. What carries IPv4 in it is looked at below. */
const PUBLIC_V6: readonly [string, number] = ["2000::", 3];

const PRIVATE_V6: readonly (readonly [string, number])[] = [
  ["2001:db8::", 32], // Of documents.
  ["2001::", 23], // Teredo, ORCHID, benchmarks.
  ["2002::", 16], // 6to4: carries an IPv4 address in its middle.
  ["3fff::", 20], // Of documents.
];

/** NAT64 and IPv4-mapped addresses: the last four bytes are an IPv4 address. */
const CARRIES_V4: readonly (readonly [string, number])[] = [
  ["64:ff9b::", 96],
  ["::ffff:0:0", 96],
];

/** `ip` as the system's resolver writes it. What can't be read is not public. */
export function isPublicAddress(ip: string): boolean {
  const v4 = readV4(ip);
  if (v4 !== null) return isPublicV4(v4);
  const v6 = readV6(ip);
  if (v6 === null) return false;
  const isIn = ([base, bits]: readonly [string, number]) => shares(v6, readV6(base)!, bits, 128n);
  if (CARRIES_V4.some(isIn)) return isPublicV4(v6 & 0xffff_ffffn);
  return isIn(PUBLIC_V6) && !PRIVATE_V6.some(isIn);
}

/** Where clouds tell machines their credentials, and what only machines on the same cable reach. */
const OF_MACHINES_V4: readonly (readonly [string, number])[] = [
  ["169.254.0.0", 16],
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["192.0.0.192", 32],
];

const OF_MACHINES_V6: readonly (readonly [string, number])[] = [
  ["fe80::", 10],
  ["fd00:ec2::", 32],
  ["fd20:ce::254", 128],
  ["fd00:42::42", 128],
];

/** Is it the address of a cloud's own services, or link-local? There are no files to fetch. */
export function isMachineService(ip: string): boolean {
  const isV4 = (v4: bigint) =>
    OF_MACHINES_V4.some(([base, bits]) => shares(v4, readV4(base)!, bits, 32n));
  const v4 = readV4(ip);
  if (v4 !== null) return isV4(v4);
  const v6 = readV6(ip.replace(/%.*$/su, ""));
  if (v6 === null) return false;
  const isIn = ([base, bits]: readonly [string, number]) => shares(v6, readV6(base)!, bits, 128n);
  return CARRIES_V4.some(isIn) ? isV4(v6 & 0xffff_ffffn) : OF_MACHINES_V6.some(isIn);
}

function isPublicV4(address: bigint): boolean {
  return !PRIVATE_V4.some(([base, bits]) => shares(address, readV4(base)!, bits, 32n));
}

/** Are the first bits of two addresses the same? */
function shares(one: bigint, other: bigint, bits: number, width: bigint): boolean {
  const rest = width - BigInt(bits);
  return one >> rest === other >> rest;
}

/** Only four decimal numbers without zeros in front: other notations mean different things to programs. */
function readV4(text: string): bigint | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(text)?.slice(1);
  if (parts === undefined || parts.some((part) => Number(part) > 255 || /^0\d/u.test(part))) {
    return null;
  }
  return parts.reduce((address, part) => address << 8n | BigInt(part), 0n);
}

function readV6(text: string): bigint | null {
  if (!text.includes(":") || text.includes("%") || !URL.canParse(`http://[${text}]/`)) return null;
  // A URL's host has one notation: hexadecimal, and at most one `::`.
  const [head, tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split("::");
  const groups = (part = "") => part === "" ? [] : part.split(":");
  const [first, last] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array.from({ length: zeros }, () => "0"), ...last]
    .reduce((address, group) => address << 16n | BigInt(`0x${group}`), 0n);
}
