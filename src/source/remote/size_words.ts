/** `2 GB`, `1.5 MB`, `300 bytes`: limits in messages. */
export function megabytes(bytes: number): string {
  const units = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]] as const;
  const unit = units.find(([size]) => bytes >= size);
  if (unit === undefined) return `${bytes} bytes`;
  return `${Math.round(bytes / unit[0] * 10) / 10} ${unit[1]}`;
}
