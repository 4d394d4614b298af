import type { z } from "zod";
import type { RouteName } from "../routes.ts";
import * as adminDraws from "./admin-draws.ts";
import * as admin from "./admin.ts";
import * as challenges from "./challenges.ts";
import * as consumers from "./consumers.ts";
import * as draws from "./draws.ts";
import * as entryChecks from "./entry-checks.ts";
import * as experiences from "./experiences.ts";
import * as inbox from "./inbox.ts";
import * as grants from "./grants.ts";
import * as queues from "./queues.ts";
import * as security from "./security.ts";
import * as session from "./session.ts";

/** What a route reads and answers. A missing `body` means that the route reads none; a missing `answer`, that it answers without one. */
export interface RouteSchemas {
  readonly body?: z.ZodType;
  /** An empty body counts as `{}`. */
  readonly bodyOptional?: true;
  readonly query?: z.ZodType;
  readonly answer?: z.ZodType;
}

/** Schemas of every route, by the route's name. */
export const routeSchemas = {
  createGuest: { body: session.createGuestRequest, bodyOptional: true, answer: session.tokenResponse },
  createChallenge: { body: challenges.createChallengeRequest, bodyOptional: true, answer: challenges.challenge },
  refreshSession: { body: session.refreshRequest, answer: session.tokenResponse },
  logout: { body: session.logoutRequest, bodyOptional: true },
  transferSession: { body: session.transferRequest, answer: session.transferCode },
  redeemTransfer: { body: session.redeemTransferRequest, answer: session.tokenResponse },
  getSession: { answer: session.sessionAnswer },
  requestOtp: { body: session.otpRequest, answer: session.otpChallenge },
  verifyOtp: { body: session.otpAnswer, answer: session.tokenResponse },
  authorizeExternal: { body: session.authorizeExternalRequest, answer: session.externalCode },
  exchangeExternal: { body: session.exchangeExternalRequest, answer: session.tokenResponse },
  listSessions: { answer: session.sessionList },
  endSessions: { query: session.endSessionsQuery },
  endOneSession: {},
  getConsumer: { answer: consumers.consumerProfile },
  updateConsumer: { body: consumers.updateProfileRequest, answer: consumers.consumerProfile },
  exportOwnData: { answer: consumers.consumerExport },
  eraseOwnData: {},
  getExperience: { answer: experiences.publicExperience },
  routeExperience: { body: experiences.routeRequest, bodyOptional: true, answer: experiences.routeAnswer },
  enterExperience: { answer: experiences.experienceVisit },
  leaveExperience: {},
  getQueue: { answer: queues.publicQueue },
  enterQueue: { body: challenges.enterRequest, bodyOptional: true, answer: queues.enterQueueAnswer },
  leaveQueue: { answer: queues.queueConsumerState },
  getQueueStatus: { query: queues.queueStatusQuery, answer: queues.queueConsumerState },
  reportStock: { body: queues.reportStockRequest, answer: queues.queueStock },
  validateInQueue: { body: grants.validateGrantRequest, answer: grants.redemption },
  completeInQueue: { body: grants.completeGrantRequest, answer: grants.grantReceipt },
  admitToQueue: { body: admin.admitNowRequest, answer: admin.admittedNow },
  denyInQueue: { body: queues.denyRequest, answer: queues.queueConsumerState },
  getDraw: { answer: draws.publicDraw },
  enterDraw: { body: challenges.enterRequest, bodyOptional: true, answer: draws.enterDrawAnswer },
  leaveDraw: { answer: draws.drawConsumerState },
  getDrawStatus: { answer: draws.drawConsumerState },
  getDrawProof: { answer: draws.drawProof },
  getDrawTranscript: { answer: draws.drawTranscript },
  validateInDraw: { body: grants.validateGrantRequest, answer: grants.redemption },
  completeInDraw: { body: grants.completeGrantRequest, answer: grants.grantReceipt },
  createPresentation: { body: grants.presentationRequest, answer: grants.presentation },
  extendGrant: { body: grants.extendGrantRequest, answer: grants.extendedGrant },
  validateGrant: { body: grants.validateGrantRequest, answer: grants.redemption },
  completeGrant: { body: grants.completeGrantRequest, answer: grants.grantReceipt },
  releaseGrant: { body: grants.releaseGrantRequest, answer: grants.releasedGrant },
  createOrganization: { body: admin.createOrganizationRequest, answer: admin.createdOrganization },
  getOrganization: { answer: admin.organization },
  updateOrganization: { body: admin.updateOrganizationRequest, answer: admin.organization },
  createApiKey: { body: admin.createApiKeyRequest, answer: admin.createdApiKey },
  listApiKeys: { query: admin.listQuery, answer: admin.apiKeyPage },
  revokeApiKey: { answer: admin.apiKey },
  createExperience: { body: admin.createExperienceRequest, answer: admin.experienceTree },
  listExperiences: { query: admin.listQuery, answer: admin.experiencePage },
  getExperienceTree: { answer: admin.experienceTree },
  updateExperience: { body: admin.updateExperienceRequest, answer: admin.experience },
  archiveExperience: { answer: admin.experience },
  createSequence: { body: admin.createSequenceRequest, answer: admin.sequence },
  listSequences: { query: admin.listQuery, answer: admin.sequencePage },
  getSequence: { answer: admin.sequence },
  updateSequence: { body: admin.updateSequenceRequest, answer: admin.sequence },
  archiveSequence: { answer: admin.sequence },
  createQueue: { body: admin.createQueueRequest, answer: admin.queue },
  listQueues: { query: admin.listQuery, answer: admin.queuePage },
  getQueueSettings: { answer: admin.queue },
  updateQueue: { body: admin.updateQueueRequest, answer: admin.queue },
  openQueue: { answer: admin.queue },
  pauseQueue: { answer: admin.queue },
  resumeQueue: { answer: admin.queue },
  closeQueue: { answer: admin.queue },
  killQueue: { answer: admin.queue },
  queueAll: { answer: admin.queue },
  passThrough: { answer: admin.queue },
  setQueueStock: { body: queues.reportStockRequest, answer: queues.queueStock },
  admitNow: { body: admin.admitNowRequest, answer: admin.admittedNow },
  getQueueMetrics: { answer: admin.queueMetrics },
  rotateSigningKeys: { body: admin.rotateSigningKeysRequest, bodyOptional: true, answer: admin.signingKeyList },
  findConsumers: { query: consumers.consumerQuery, answer: consumers.consumerPage },
  getConsumerRecord: { answer: consumers.consumerRecord },
  unlinkConsumer: { answer: consumers.unlinkedConsumer },
  exportConsumer: { answer: consumers.consumerExport },
  eraseConsumer: {},
  revokeConsumer: { body: consumers.revokeRequest, bodyOptional: true, answer: consumers.revokedConsumer },
  revokeSession: {},
  revokeGrant: { body: consumers.revokeGrantRequest, answer: consumers.revokedGrant },
  listEntryChecks: { query: entryChecks.entryCheckQuery, answer: entryChecks.entryCheckPage },
  releaseEntryCheck: { body: entryChecks.releaseEntryCheckRequest, answer: entryChecks.entryCheck },
  releaseEntryBinding: { body: entryChecks.releaseEntryBindingRequest, answer: entryChecks.releasedEntryBinding },
  listSecurityEvents: { query: security.securityEventQuery, answer: security.securityEventPage },
  listInbox: { query: inbox.inboxQuery, answer: inbox.inbox },
  createDraw: { body: adminDraws.createDrawRequest, answer: adminDraws.draw },
  listDraws: { query: admin.listQuery, answer: adminDraws.drawPage },
  getDrawSettings: { answer: adminDraws.draw },
  updateDraw: { body: adminDraws.updateDrawRequest, answer: adminDraws.draw },
  archiveDraw: { query: adminDraws.archiveDrawQuery, answer: adminDraws.draw },
  drawNow: { body: adminDraws.confirmation, answer: adminDraws.draw },
  cancelDraw: { body: adminDraws.cancelDrawRequest, answer: adminDraws.draw },
  recordBeacon: { body: adminDraws.beaconRecord, answer: adminDraws.draw },
  rehearseDraw: { body: adminDraws.rehearseDrawRequest, bodyOptional: true, answer: adminDraws.rehearsedDraw },
  listDrawWins: { answer: adminDraws.drawWins },
  archiveQueue: { answer: admin.queue },
} as const satisfies Record<RouteName, RouteSchemas>;
