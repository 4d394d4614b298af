import { z } from "zod";
import { errorCatalog } from "../errors.ts";
import type { ErrorBody, ErrorCode } from "../errors.ts";

const codes = Object.keys(errorCatalog) as [ErrorCode, ...ErrorCode[]];

export const errorBody: z.ZodType<ErrorBody> = z.object({
  error: z.enum(codes),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).exactOptional(),
  issues: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string(), expected: z.string() })).exactOptional(),
  requestId: z.string(),
});
