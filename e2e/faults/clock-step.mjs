// Loaded into a node before anything else: with each SIGUSR2 what this process takes for the time of day is set, as somebody might set the machine's clock.
const stepsMs = [600_000, -600_000, 0];
let steps = 0;
let offsetMs = 0;
process.on("SIGUSR2", () => {
  offsetMs = stepsMs[steps++ % stepsMs.length] ?? 0;
});

const MachineDate = Date;
globalThis.Date = class extends MachineDate {
  /** @param {any[]} words */
  constructor(...words) {
    if (words.length === 0) super(MachineDate.now() + offsetMs);
    else super(.../** @type {[number]} */ (words));
  }

  static now() {
    return MachineDate.now() + offsetMs;
  }
};
