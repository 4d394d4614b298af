/** Resolves after so many milliseconds. Platform code only hands this out; logic receives it, so that tests need not wait. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
