export { ApiRefusal, arrive, call, createLaunch, merchantOf } from "./api.ts";
export type { Merchant, Shopper, TestLaunch } from "./api.ts";
export { checkHistory } from "./history.ts";
export type { Observation, Truth, Violation } from "./history.ts";
export { freePort, startService, testOperatorKey } from "./service.ts";
export type { RunningService, ServiceOptions } from "./service.ts";
export { readTruth } from "./truth.ts";
export type { RowsAt } from "./truth.ts";
