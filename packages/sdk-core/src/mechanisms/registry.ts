import type { MechanismDriver } from "./mechanism.ts";
import { queueMechanism } from "./queue/queue-mechanism.ts";

/** Every mechanism this SDK can take part in. */
export const mechanisms: readonly MechanismDriver[] = Object.freeze([queueMechanism]);
