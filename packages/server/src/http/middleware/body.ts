import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { ServiceError } from "../service-error.ts";

/** Bytes of a body that this service reads. */
export const maxBodyBytes = 16 * 1024;

/** Refuses a body that announces itself as too large, before any of it is read. */
export function checkDeclaredLength(request: IncomingMessage): void {
  const declared = request.headers["content-length"];
  if (declared !== undefined && Number(declared) > maxBodyBytes) throw new ServiceError("payload_too_large", { details: { maxBytes: maxBodyBytes } });
}

/**
 * Reads a JSON body. `undefined` for an empty one: emptiness is not `{}`, and the route says whether it will do.
 * Raises `payload_too_large`, `unsupported_media_type`, `malformed_json`; rejects with `ClientGone` when nobody is there any more.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  const empty = headers["transfer-encoding"] === undefined && (headers["content-length"] === undefined || headers["content-length"] === "0");
  if (empty) return undefined;
  if (!isJson(headers["content-type"]) || (headers["content-encoding"] ?? "identity") !== "identity") throw new ServiceError("unsupported_media_type");
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new ServiceError("malformed_json");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new ServiceError("malformed_json");
  }
}

/** The client hung up: there is nobody to answer, and nothing to report. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

function isJson(contentType: string | undefined): boolean {
  return contentType === "application/json" || (contentType !== undefined && /^application\/json\s*(?:;|$)/i.test(contentType));
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBodyBytes) return void chunks.push(chunk);
      // What is still coming is read and thrown away by the server, so that the client gets to see its answer.
      request.removeAllListeners("data");
      reject(new ServiceError("payload_too_large", { details: { maxBytes: maxBodyBytes } }));
      return undefined;
    });
    request.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    // Every request closes, nearly all of them after their end: an error made for each would cost more than reading the body.
    const gone = (): void => {
      if (!request.complete) reject(new ClientGone("The client hung up."));
    };
    request.on("error", gone);
    request.on("close", gone);
  });
}
