/** Turns measurements into numbers that can be compared with a bar. */

export interface Interval {
  readonly ratio: number;
  /** `low` to `high` is the 95 % interval of the ratio. */
  readonly low: number;
  readonly high: number;
}

/**
 * How many times as long one side takes as the other, from pairs that were measured one after the
 * other. The mean is geometric, so that twice as long and half as long cancel each other out. Null
 * for fewer than two pairs, which say nothing about the variance.
 */
export function ratioOfPairs(
  ours: readonly number[],
  reference: readonly number[],
): Interval | null {
  const logs = ours.map((seconds, index) => Math.log(seconds / reference[index]));
  const count = logs.length;
  if (count < 2) return null;
  const mean = logs.reduce((sum, log) => sum + log, 0) / count;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (count - 1);
  const margin = tQuantile(count - 1) * Math.sqrt(variance / count);
  return { ratio: Math.exp(mean), low: Math.exp(mean - margin), high: Math.exp(mean + margin) };
}

/**
 * Student's t for a two-sided interval of 95 %, for 1 to 30 degrees of freedom: NIST/SEMATECH
 * e-Handbook of Statistical Methods, table 1.3.6.7.2, column 0.975.
 */
const T_95 = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
  ...[2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
];

/** Beyond the table, takes its last value, which makes the interval a little too wide. */
function tQuantile(degreesOfFreedom: number): number {
  return T_95[Math.min(degreesOfFreedom, T_95.length) - 1];
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The smallest of the numbers such that at least this share of them is no larger. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)];
}

export function round(number: number, digits: number): number {
  return Number(number.toFixed(digits));
}
