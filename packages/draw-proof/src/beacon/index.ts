export { beaconChains, randomnessOf, roundTime, verifyBeacon } from "./drand.ts";
export type { BeaconChain } from "./drand.ts";
