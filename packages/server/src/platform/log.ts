import pino from "pino";
import type { DestinationStream } from "pino";

/** Where the service says what it does. Structured; secrets and addresses of people never appear (rule E8). */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

const secretFields = [
  "authorization",
  "cookie",
  "dpop",
  "token",
  "accessToken",
  "refreshToken",
  "pollToken",
  "installSecret",
  "key",
  "publishableKey",
  "secretKey",
  "operatorKey",
  "accessCode",
  "email",
  "phone",
  "fullName",
  "url",
];
const secretText = /\b(?:sk|pk|op|at|rt|pt)_[A-Za-z0-9_-]{6,}|\beyJ[A-Za-z0-9_.-]{10,}|[^\s"'<>@]+@[^\s"'<>@]+\.[A-Za-z]{2,}|\b(postgres(?:ql)?:\/\/)[^\s@]*@/g;

/** Takes keys, tokens, addresses and passwords out of a text that we did not write: an engine's or a library's message. */
export function scrub(text: string): string {
  return text.replaceAll(secretText, "[redacted]");
}

/** A log of JSON lines. Standard error by default: standard output belongs to whoever started the service. */
export function createLog(level: string, destination: DestinationStream = pino.destination({ fd: 2, sync: true })): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: "[redacted]" },
      serializers: { error: describeError },
    },
    destination,
  );
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return scrub(String(error));
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: scrub(error.message),
    ...(code === undefined ? {} : { code }),
    stack: scrub(error.stack ?? ""),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
