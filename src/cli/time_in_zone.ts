/** `Mon 2026-11-30 06:00 Europe/Berlin` */
export function formatInZone(time: Date, zone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone: zone, weekday: "short", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  const parts = Object.fromEntries(
    format.formatToParts(time).map(({ type, value }) => [type, value]),
  );
  const { weekday, year, month, day, hour, minute } = parts;
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute} ${zone}`;
}
