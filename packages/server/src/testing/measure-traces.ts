import { trace } from "@opentelemetry/api";
import { AlwaysOffSampler, BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { createTraces } from "../platform/traces.ts";

// `node --conditions=@fanfare-io/source packages/server/src/testing/measure-traces.ts`: what tracing a request costs the thread, by what is registered.
const rounds = 200_000;
const facts = { method: "GET", route: "/queues/:queueId/status", requestId: "req_1", headers: {} };
const answer = (): Promise<number> => Promise.resolve(200);

async function nanosecondsARequest(): Promise<number> {
  const traces = createTraces();
  const pass = async (): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      if (traces === null) await answer();
      else await traces.request(facts, answer);
    }
  };
  await pass();
  const before = process.threadCpuUsage();
  await pass();
  const { user, system } = process.threadCpuUsage(before);
  return Math.round(((user + system) * 1000) / rounds);
}

const without = await nanosecondsARequest();
trace.setGlobalTracerProvider(new BasicTracerProvider({ sampler: new AlwaysOffSampler() }));
const unsampled = await nanosecondsARequest();
trace.disable();
trace.setGlobalTracerProvider(new BasicTracerProvider());
const sampled = await nanosecondsARequest();
process.stdout.write(`${JSON.stringify({ without, unsampled, sampled })}\n`);
