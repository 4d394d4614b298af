export { createFanfare } from "./client.ts";
export type { Fanfare } from "./client.ts";
export type { FanfareServerConfig, ServerPlatform } from "./config.ts";
export { FanfareError, isFanfareError } from "./fanfare-error.ts";
export type { GrantToken } from "./grant-token.ts";
export type { Grants } from "./grants.ts";
export type { Identities } from "./identities.ts";
export type { Queues } from "./queues.ts";
export type { GrantPreview, GrantTokenFlaw } from "./verify.ts";
export type {
  AuthorizeExternalRequest,
  CompleteGrantRequest,
  ExternalClaims,
  ExternalCode,
  FanfareErrorCode,
  GrantReceipt,
  Mechanism,
  QueueStock,
  Redemption,
  ReleasedGrant,
  ReleaseGrantRequest,
  ValidateGrantRequest,
} from "@fanfare-io/fanfare-contract";
