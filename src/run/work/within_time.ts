/** Returns when it is done, or when the time is up. */
export async function withinTime(done: Promise<unknown>, milliseconds: number): Promise<void> {
  const timeUp = Promise.withResolvers<void>();
  const timer = setTimeout(timeUp.resolve, milliseconds);
  try {
    await Promise.race([done, timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}
