export { createSimulatedClock } from "./testing/simulated-clock.ts";
export type { SimulatedClock } from "./testing/simulated-clock.ts";
export { createScriptedService, refusal } from "./testing/scripted-service.ts";
export type { Script, ScriptedAnswer, ScriptedRequest, ScriptedService } from "./testing/scripted-service.ts";
export { createTabWorld } from "./testing/tab-world.ts";
export type { Tab, TabWorld } from "./testing/tab-world.ts";
