import { z } from "zod";
import { opaqueText } from "./text.ts";

/** A page of a list. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), pageInfo: z.object({ startCursor: z.string().nullable(), endCursor: z.string().nullable() }) });

/** Query of every list: newest first, bidirectional cursors. */
export const listQuery = z.object({
  first: z.coerce.number().int().min(1).max(100).exactOptional(),
  after: opaqueText.exactOptional(),
  last: z.coerce.number().int().min(1).max(100).exactOptional(),
  before: opaqueText.exactOptional(),
});
