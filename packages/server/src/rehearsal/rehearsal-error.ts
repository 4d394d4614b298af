/** A rehearsal that cannot go on, for a reason that the person at the terminal can act on. */
export class RehearsalError extends Error {
  override readonly name = "RehearsalError";
}
