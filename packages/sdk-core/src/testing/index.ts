export { createSimulatedClock } from "./simulated-clock.ts";
export type { SimulatedClock } from "./simulated-clock.ts";
export { createScriptedService, refusal } from "./scripted-service.ts";
export type { Script, ScriptedAnswer, ScriptedRequest, ScriptedService } from "./scripted-service.ts";
export { createTabWorld } from "./tab-world.ts";
export type { Tab, TabWorld } from "./tab-world.ts";
