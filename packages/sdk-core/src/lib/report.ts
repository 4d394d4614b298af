/** Where errors go that have no caller: a listener that threw, a background task that broke. */
export type Report = (error: unknown) => void;

/** Hands errors without a caller to the page's own error handling, so that they never vanish and never stop us. */
export const reportUncaught: Report = (error) => {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
};
