/** One call that the SDK makes: the contract's method and path. */
export interface Endpoint {
  readonly method: string;
  /** Relative to the API; at most one `:parameter`. */
  readonly path: string;
}

/** A call that asks for something to be done. */
export const post = (path: string): Endpoint => ({ method: "POST", path });
/** A call that reads. */
export const get = (path: string): Endpoint => ({ method: "GET", path });

/**
 * The calls this SDK makes, and no others: the contract's whole table, admin routes and texts included, would weigh more
 * than the rest of the transport. A test holds each line against that table.
 */
export const endpoints = {
  createGuest: post("/auth/guest"),
  createChallenge: post("/challenges"),
  refreshSession: post("/auth/refresh"),
  logout: post("/auth/logout"),
  requestOtp: post("/auth/otp/request"),
  verifyOtp: post("/auth/otp/verify"),
  exchangeExternal: post("/auth/external/exchange"),
  routeExperience: post("/experiences/:experienceId/route"),
  createPresentation: post("/grants/presentation"),
  extendGrant: post("/grants/extend"),
} as const satisfies Record<string, Endpoint>;
