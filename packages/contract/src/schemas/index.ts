export { routeSchemas } from "./routes.ts";
export type { RouteSchemas } from "./routes.ts";
export { errorBody } from "./errors.ts";
export * as adminDrawSchemas from "./admin-draws.ts";
export * as adminSchemas from "./admin.ts";
export * as drawSchemas from "./draws.ts";
export * as grantSchemas from "./grants.ts";
export * as queueSchemas from "./queues.ts";
export * as sessionSchemas from "./session.ts";
