export { checkHistory } from "./history.ts";
export type { Observation, Truth, Violation } from "./history.ts";
export { readTruth } from "./truth.ts";
export type { RowsAt } from "./truth.ts";
