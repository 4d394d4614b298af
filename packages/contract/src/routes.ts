/** Which credentials a route asks for (contract §4): `publishable` = P, `consumer` = P+C, `consumer_optional` = P(+C), `poll` = P + poll token or C, `secret` = S. */
export type RouteAuth = "none" | "publishable" | "consumer" | "consumer_optional" | "poll" | "secret" | "operator";

/** One HTTP route, relative to `/api` of its plane. */
export interface Route {
  readonly plane: "consumer" | "admin";
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly auth: RouteAuth;
  /** The status of a plain success. */
  readonly success: number;
  readonly summary: string;
  /** Takes a `DPoP` proof where no access token asks for one: the session is bound to its key, or asked for by it (contract §6). */
  readonly proof?: true;
  /** Doing it twice is not doing it once: the proof of a bound session is taken for one request only (contract §6). */
  readonly once?: true;
}

const consumer = "consumer";
const admin = "admin";

// One row a line: a table is read down its columns.
// oxfmt-ignore
/** Every route of the service. The server, the SDKs and the OpenAPI document all read this table. */
export const routes = {
  createGuest: { plane: consumer, method: "POST", path: "/auth/guest", auth: "publishable", success: 201, proof: true, summary: "Become an anonymous consumer" },
  createChallenge: { plane: consumer, method: "POST", path: "/challenges", auth: "publishable", success: 200, summary: "Work to do where the service asks for it" },
  refreshSession: { plane: consumer, method: "POST", path: "/auth/refresh", auth: "publishable", success: 200, proof: true, summary: "Renew a session" },
  logout: { plane: consumer, method: "POST", path: "/auth/logout", auth: "consumer_optional", success: 204, proof: true, summary: "End a session" },
  transferSession: { plane: consumer, method: "POST", path: "/auth/transfer", auth: "consumer", success: 200, once: true, summary: "A code that takes the session to another origin of the shop" },
  redeemTransfer: { plane: consumer, method: "POST", path: "/auth/transfer/redeem", auth: "publishable", success: 200, proof: true, summary: "Take a session over, with this origin's key" },
  getSession: { plane: consumer, method: "GET", path: "/auth/session", auth: "consumer", success: 200, summary: "The session of this access token" },
  requestOtp: { plane: consumer, method: "POST", path: "/auth/otp/request", auth: "consumer_optional", success: 202, proof: true, summary: "Send a one-time code" },
  verifyOtp: { plane: consumer, method: "POST", path: "/auth/otp/verify", auth: "consumer_optional", success: 200, proof: true, summary: "Prove an address with a one-time code" },
  authorizeExternal: { plane: consumer, method: "POST", path: "/auth/external/authorize", auth: "secret", success: 200, summary: "A code for somebody whom the shop has signed in" },
  exchangeExternal: { plane: consumer, method: "POST", path: "/auth/external/exchange", auth: "consumer_optional", success: 200, proof: true, summary: "Become whom the code says" },
  listSessions: { plane: consumer, method: "GET", path: "/auth/sessions", auth: "consumer", success: 200, summary: "The consumer's live sessions" },
  endSessions: { plane: consumer, method: "DELETE", path: "/auth/sessions", auth: "consumer", success: 204, summary: "Log out everywhere, here too unless asked otherwise" },
  endOneSession: { plane: consumer, method: "DELETE", path: "/auth/sessions/:sessionId", auth: "consumer", success: 204, summary: "Log out in one place" },
  getConsumer: { plane: consumer, method: "GET", path: "/consumers/me", auth: "consumer", success: 200, summary: "The consumer and what it takes part in" },
  updateConsumer: { plane: consumer, method: "PATCH", path: "/consumers/me", auth: "consumer", success: 200, summary: "Change the consumer's own profile" },
  exportOwnData: { plane: consumer, method: "GET", path: "/consumers/me/export", auth: "consumer", success: 200, summary: "Everything held about the consumer" },
  eraseOwnData: { plane: consumer, method: "DELETE", path: "/consumers/me", auth: "consumer", success: 204, once: true, summary: "Forget the consumer" },
  getExperience: { plane: consumer, method: "GET", path: "/experiences/:experienceId", auth: "publishable", success: 200, summary: "An experience" },
  routeExperience: { plane: consumer, method: "POST", path: "/experiences/:experienceId/route", auth: "consumer_optional", success: 200, summary: "Which ways in are open to this consumer" },
  enterExperience: { plane: consumer, method: "POST", path: "/experiences/:experienceId/enter", auth: "consumer", success: 200, summary: "Record a visit" },
  leaveExperience: { plane: consumer, method: "DELETE", path: "/experiences/:experienceId/leave", auth: "consumer", success: 204, once: true, summary: "Leave everything in this experience" },
  getQueue: { plane: consumer, method: "GET", path: "/queues/:queueId", auth: "publishable", success: 200, summary: "The line as everyone sees it; cacheable" },
  enterQueue: { plane: consumer, method: "POST", path: "/queues/:queueId/enter", auth: "consumer", success: 200, summary: "Join the line; again: the same place" },
  leaveQueue: { plane: consumer, method: "POST", path: "/queues/:queueId/leave", auth: "consumer", success: 200, once: true, summary: "Give the place up" },
  getQueueStatus: { plane: consumer, method: "GET", path: "/queues/:queueId/status", auth: "poll", success: 200, summary: "This consumer's standing" },
  reportStock: { plane: consumer, method: "POST", path: "/queues/:queueId/stock", auth: "secret", success: 200, summary: "Say what the shop can still sell" },
  validateInQueue: { plane: consumer, method: "POST", path: "/queues/:queueId/validate", auth: "secret", success: 200, summary: "Check a grant token of this queue and hold the grant" },
  completeInQueue: { plane: consumer, method: "POST", path: "/queues/:queueId/complete", auth: "secret", success: 200, summary: "Use a grant of this queue for exactly one order" },
  admitToQueue: { plane: consumer, method: "POST", path: "/queues/:queueId/admit", auth: "secret", success: 200, summary: "Let so many in now, beyond the rate and never over a cap" },
  denyInQueue: { plane: consumer, method: "POST", path: "/queues/:queueId/deny", auth: "secret", success: 200, summary: "End somebody's place or unused grant, and say why" },
  getDraw: { plane: consumer, method: "GET", path: "/draws/:drawId", auth: "publishable", success: 200, summary: "The draw as everyone sees it; cacheable" },
  enterDraw: { plane: consumer, method: "POST", path: "/draws/:drawId/enter", auth: "consumer", success: 200, summary: "Enter the draw; again: the same entry" },
  leaveDraw: { plane: consumer, method: "POST", path: "/draws/:drawId/leave", auth: "consumer", success: 200, once: true, summary: "Withdraw the entry, until entries close" },
  getDrawStatus: { plane: consumer, method: "GET", path: "/draws/:drawId/status", auth: "poll", success: 200, summary: "This consumer's standing" },
  getDrawProof: { plane: consumer, method: "GET", path: "/draws/:drawId/proof", auth: "consumer", success: 200, summary: "That this consumer's entry is under the published root" },
  getDrawTranscript: { plane: consumer, method: "GET", path: "/draws/:drawId/transcript", auth: "publishable", success: 200, summary: "Everything that recomputes the draw, and nothing about anybody" },
  validateInDraw: { plane: consumer, method: "POST", path: "/draws/:drawId/validate", auth: "secret", success: 200, summary: "Check a grant token of this draw and hold the grant" },
  completeInDraw: { plane: consumer, method: "POST", path: "/draws/:drawId/complete", auth: "secret", success: 200, summary: "Use a grant of this draw for exactly one order" },
  createPresentation: { plane: consumer, method: "POST", path: "/grants/presentation", auth: "consumer", success: 200, once: true, summary: "A grant token for the shop's backend" },
  extendGrant: { plane: consumer, method: "POST", path: "/grants/extend", auth: "consumer", success: 200, once: true, summary: "Ask for more time, where the operator allows it" },
  validateGrant: { plane: consumer, method: "POST", path: "/grants/validate", auth: "secret", success: 200, summary: "Check a grant token and hold the grant" },
  completeGrant: { plane: consumer, method: "POST", path: "/grants/complete", auth: "secret", success: 200, summary: "Use the grant for exactly one order" },
  releaseGrant: { plane: consumer, method: "POST", path: "/grants/release", auth: "secret", success: 200, summary: "Give a hold back after a failed payment" },

  createOrganization: { plane: admin, method: "POST", path: "/organizations", auth: "operator", success: 201, summary: "Create an organization and its first keys" },
  getOrganization: { plane: admin, method: "GET", path: "/organizations/current", auth: "secret", success: 200, summary: "The organization of this key" },
  updateOrganization: { plane: admin, method: "PUT", path: "/organizations/current", auth: "secret", success: 200, summary: "Change the organization" },
  createApiKey: { plane: admin, method: "POST", path: "/api-keys", auth: "secret", success: 201, summary: "Create an API key, shown once" },
  listApiKeys: { plane: admin, method: "GET", path: "/api-keys", auth: "secret", success: 200, summary: "List API keys" },
  revokeApiKey: { plane: admin, method: "DELETE", path: "/api-keys/:apiKeyId", auth: "secret", success: 200, summary: "Revoke an API key" },
  createExperience: { plane: admin, method: "POST", path: "/experiences", auth: "secret", success: 201, summary: "Create an experience, with its first sequence and queues if you like" },
  listExperiences: { plane: admin, method: "GET", path: "/experiences", auth: "secret", success: 200, summary: "List experiences" },
  getExperienceTree: { plane: admin, method: "GET", path: "/experiences/:experienceId", auth: "secret", success: 200, summary: "An experience with everything in it" },
  updateExperience: { plane: admin, method: "PUT", path: "/experiences/:experienceId", auth: "secret", success: 200, summary: "Change an experience" },
  archiveExperience: { plane: admin, method: "DELETE", path: "/experiences/:experienceId", auth: "secret", success: 200, summary: "Archive an experience" },
  createSequence: { plane: admin, method: "POST", path: "/sequences", auth: "secret", success: 201, summary: "Create a sequence" },
  listSequences: { plane: admin, method: "GET", path: "/sequences", auth: "secret", success: 200, summary: "List sequences" },
  getSequence: { plane: admin, method: "GET", path: "/sequences/:sequenceId", auth: "secret", success: 200, summary: "A sequence" },
  updateSequence: { plane: admin, method: "PUT", path: "/sequences/:sequenceId", auth: "secret", success: 200, summary: "Change a sequence" },
  archiveSequence: { plane: admin, method: "DELETE", path: "/sequences/:sequenceId", auth: "secret", success: 200, summary: "Archive a sequence" },
  createQueue: { plane: admin, method: "POST", path: "/queues", auth: "secret", success: 201, summary: "Create a queue" },
  listQueues: { plane: admin, method: "GET", path: "/queues", auth: "secret", success: 200, summary: "List queues" },
  getQueueSettings: { plane: admin, method: "GET", path: "/queues/:queueId", auth: "secret", success: 200, summary: "A queue" },
  updateQueue: { plane: admin, method: "PUT", path: "/queues/:queueId", auth: "secret", success: 200, summary: "Change a queue, live" },
  openQueue: { plane: admin, method: "POST", path: "/queues/:queueId/open", auth: "secret", success: 200, summary: "Open a queue now, whatever its schedule says" },
  pauseQueue: { plane: admin, method: "POST", path: "/queues/:queueId/pause", auth: "secret", success: 200, summary: "Let nobody in for now; every place is kept" },
  resumeQueue: { plane: admin, method: "POST", path: "/queues/:queueId/resume", auth: "secret", success: 200, summary: "Go on letting people in" },
  closeQueue: { plane: admin, method: "POST", path: "/queues/:queueId/close", auth: "secret", success: 200, summary: "Take nobody new; those in line are let in still" },
  killQueue: { plane: admin, method: "POST", path: "/queues/:queueId/kill", auth: "secret", success: 200, summary: "Stop a queue for good" },
  queueAll: { plane: admin, method: "POST", path: "/queues/:queueId/queue-all", auth: "secret", success: 200, summary: "Take everybody who comes, from now on, and let nobody in" },
  passThrough: { plane: admin, method: "POST", path: "/queues/:queueId/pass-through", auth: "secret", success: 200, summary: "Let everybody in as they come, never over a cap" },
  setQueueStock: { plane: admin, method: "POST", path: "/queues/:queueId/stock", auth: "secret", success: 200, summary: "Say what is left to sell" },
  admitNow: { plane: admin, method: "POST", path: "/queues/:queueId/admit", auth: "secret", success: 200, summary: "Let so many in now, beyond the rate and never over a cap" },
  getQueueMetrics: { plane: admin, method: "GET", path: "/queues/:queueId/metrics", auth: "secret", success: 200, summary: "How a queue is doing now" },
  rotateSigningKeys: { plane: admin, method: "POST", path: "/signing-keys/rotate", auth: "operator", success: 200, summary: "Replace the key that signs grant tokens, without a gap" },
  findConsumers: { plane: admin, method: "GET", path: "/consumers", auth: "secret", success: 200, summary: "Find a consumer by e-mail, phone or id" },
  getConsumerRecord: { plane: admin, method: "GET", path: "/consumers/:consumerId", auth: "secret", success: 200, summary: "A consumer, how it is known, and what it takes part in" },
  unlinkConsumer: { plane: admin, method: "POST", path: "/consumers/:consumerId/unlink", auth: "secret", success: 200, summary: "Take a guest out of the consumer that it was merged into" },
  exportConsumer: { plane: admin, method: "GET", path: "/consumers/:consumerId/export", auth: "secret", success: 200, summary: "Everything held about a consumer" },
  eraseConsumer: { plane: admin, method: "DELETE", path: "/consumers/:consumerId", auth: "secret", success: 204, summary: "Forget a consumer" },
  revokeConsumer: { plane: admin, method: "POST", path: "/consumers/:consumerId/revoke", auth: "secret", success: 200, summary: "End a consumer's sessions, places and unused grants" },
  revokeSession: { plane: admin, method: "POST", path: "/sessions/:sessionId/revoke", auth: "secret", success: 204, summary: "End a session and void what it presented" },
  revokeGrant: { plane: admin, method: "POST", path: "/grants/revoke", auth: "secret", success: 200, summary: "Take a grant back that is not completed" },
  listSecurityEvents: { plane: admin, method: "GET", path: "/security-events", auth: "secret", success: 200, summary: "What was refused, revoked, erased, or tried with a copy" },
  listEntryChecks: { plane: admin, method: "GET", path: "/entry-checks", auth: "secret", success: 200, summary: "Who was asked for work in a protected launch, why, and how it ended" },
  releaseEntryCheck: { plane: admin, method: "POST", path: "/entry-checks/release", auth: "secret", success: 200, summary: "Let somebody stand in line without the work they were asked for" },
  releaseEntryBinding: { plane: admin, method: "POST", path: "/entry-bindings/release", auth: "secret", success: 200, summary: "Let somebody redeem on another device than the one that entered" },
  listInbox: { plane: admin, method: "GET", path: "/inbox", auth: "secret", success: 200, summary: "Messages that were kept instead of sent; in development only" },
  createDraw: { plane: admin, method: "POST", path: "/draws", auth: "secret", success: 201, summary: "Create a draw and publish its commitment" },
  listDraws: { plane: admin, method: "GET", path: "/draws", auth: "secret", success: 200, summary: "List draws" },
  getDrawSettings: { plane: admin, method: "GET", path: "/draws/:drawId", auth: "secret", success: 200, summary: "A draw" },
  updateDraw: { plane: admin, method: "PUT", path: "/draws/:drawId", auth: "secret", success: 200, summary: "Change a draw; once entries are open, its times only, in public" },
  archiveDraw: { plane: admin, method: "DELETE", path: "/draws/:drawId", auth: "secret", success: 200, summary: "Archive a draw; what is not drawn yet is called off, confirmed where somebody is in it" },
  drawNow: { plane: admin, method: "POST", path: "/draws/:drawId/draw", auth: "secret", success: 200, summary: "Close and draw now, or as soon as a promised round allows" },
  cancelDraw: { plane: admin, method: "POST", path: "/draws/:drawId/cancel", auth: "secret", success: 200, summary: "Call a draw off, for good" },
  recordBeacon: { plane: admin, method: "POST", path: "/draws/:drawId/beacon", auth: "secret", success: 200, summary: "Hand in the recorded signature of the promised round" },
  rehearseDraw: { plane: admin, method: "POST", path: "/draws/:drawId/rehearse", auth: "secret", success: 200, summary: "Draw closed entries with another seed; nothing is published" },
  listDrawWins: { plane: admin, method: "GET", path: "/draws/:drawId/wins", auth: "secret", success: 200, summary: "Who won, and what became of it" },
  archiveQueue: { plane: admin, method: "DELETE", path: "/queues/:queueId", auth: "secret", success: 200, summary: "Archive a queue" },
} as const satisfies Record<string, Route>;

/** The name of a route; the same word names its schemas and its handler. */
export type RouteName = keyof typeof routes;
