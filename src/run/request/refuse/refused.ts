/** The current state does not allow the request. Worded "Cannot X: current state". */
export class Refused extends Error {
  override readonly name = "Refused";
}
