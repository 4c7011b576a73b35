/** Where each character of a valid text begins, and at last where the text ends. */
export function characterPlaces(bytes: Uint8Array, start: number, end: number): number[] {
  const places: number[] = [];
  for (let i = start; i < end; i++) if ((bytes[i] & 0xc0) !== 0x80) places.push(i);
  places.push(end);
  return places;
}
