/** What is known of the use of checkout slots. */
export interface SlotUseReading {
  /** The mean use. */
  readonly seconds: number;
  /** One standard deviation of it, relative. */
  readonly doubt: number;
  /** For each age, counted in steps of `slotStepMs` begun since: the share of those who reach it that end at it; at 0 those that end in the step in which they were taken. */
  readonly ending: Float64Array;
  /** For each age, how many slots have been in use for so long now. */
  readonly inUse: Float64Array;
}

/** How long checkout slots are used, learned from those given back and, so that the quick ones do not mislead, from those still in use. Instants in milliseconds. */
export interface SlotUse {
  /** So many slots were taken. */
  taken(at: number, count: number): void;
  /** Slots were given back, after so many milliseconds each. */
  ended(at: number, usedMs: readonly number[]): void;
  /** What was seen, and what is believed of a slot that may be used for `lifeSeconds` where nothing was. Kept for a second. */
  read(now: number, lifeSeconds: number): SlotUseReading;
}

/** Ages are counted in steps. */
export const slotStepMs = 5_000;
const ages = 360;
/** What happened this long ago counts a third of what happens now: shops change their pace over minutes. */
const memoryMs = 300_000;
/** Slots at each age that are believed to have ended as believed, before any was seen. */
const believedSlots = 1;
/** An age is seen when so many have reached it. */
const fewest = 3;
/** Of the slots still in use when a grant ends that nobody has shown to the shop, the share that ends then; the shop holds the others. */
const endsAtLife = 0.8;
/** Of all who take a slot, the share believed to let it lapse until it was seen how many do; those who are quick tell nothing of that. */
const lapsing = 0.07;
/** How wrong what was not seen may be, relative. */
const guess = 0.8;
const freshMs = 1_000;

interface Cohort {
  /** Of those who took a slot in this step, how many have not given it back. */
  left: number;
  /** Their staying has been counted up to this age. */
  counted: number;
}

/**
 * Makes an empty memory. For each age it counts how many reached it and how many of those ended there, as a life table does: that share is
 * the same whether or not the others have ended yet, so that neither the quick ones of the beginning nor the forgotten ones of the end count
 * for more than they are.
 */
export function createSlotUse(): SlotUse {
  const reached = new Float64Array(ages);
  const endedAt = new Float64Array(ages);
  const cohorts = new Map<number, Cohort>();
  let [passedTo, all] = [-Infinity, 0];
  let known: { readonly at: number; readonly lifeSeconds: number; readonly reading: SlotUseReading } | null = null;

  const add = (counts: Float64Array, age: number, count: number): void => void (counts[age] = (counts[age] as number) + count);

  /** Forgets a little, and counts for each cohort the ages that it has passed. */
  function pass(now: number): void {
    if (now <= passedTo) return;
    const fade = Math.exp(-Math.min(now - passedTo, memoryMs * 20) / memoryMs);
    passedTo = now;
    all *= fade;
    for (const counts of [reached, endedAt]) for (let age = 0; age < ages; age++) counts[age] = (counts[age] as number) * fade;
    const current = Math.floor(now / slotStepMs);
    for (const [step, cohort] of cohorts) {
      const age = Math.min(ages, current - step);
      for (; cohort.counted < age; cohort.counted++) add(reached, cohort.counted, cohort.left);
      if (cohort.left <= 0 || age === ages) cohorts.delete(step);
    }
  }

  /**
   * The share that ends at each age: as seen, as far as was seen; beyond that as at the oldest ages seen, but for those who let the slot lapse, whose grant ends by itself.
   */
  function shares(lifeSeconds: number): { readonly ending: Float64Array; readonly seenTo: number } {
    const perStep = slotStepMs / 1000;
    // Before anything was seen, half of what a slot may be used for is believed.
    const believed = Math.min(1, (2 * perStep) / lifeSeconds);
    let seenTo = 0;
    for (let age = 0; age < ages; age++) if ((reached[age] as number) >= fewest) seenTo = age + 1;
    let [late, lateEnded] = [believedSlots, believedSlots * believed];
    for (let age = seenTo >> 1; age < seenTo; age++) {
      late += reached[age] as number;
      lateEnded += endedAt[age] as number;
    }
    const last = Math.min(ages - 1, Math.ceil(lifeSeconds / perStep));
    const ending = new Float64Array(ages);
    let alive = 1;
    for (let age = 0; age < ages; age++) {
      const [at, of] = age < seenTo ? [endedAt[age] as number, reached[age] as number] : [0, 0];
      const otherwise = age >= last ? endsAtLife : (lateEnded / late) * Math.max(0, 1 - lapsing / alive);
      ending[age] = age === ages - 1 ? 1 : Math.min(1, (at + believedSlots * otherwise) / (of + believedSlots));
      alive *= 1 - (ending[age] as number);
    }
    return { ending, seenTo };
  }

  function make(now: number, lifeSeconds: number): SlotUseReading {
    const { ending, seenTo } = shares(lifeSeconds);
    let [alive, seconds, unseen] = [1, 0, 0];
    for (let age = 0; age < ages; age++) {
      alive *= 1 - (ending[age] as number);
      seconds += alive * (slotStepMs / 1000);
      if (age >= seenTo) unseen += alive * (slotStepMs / 1000);
    }
    seconds = Math.max(1, seconds);
    const inUse = new Float64Array(ages);
    const current = Math.floor(now / slotStepMs);
    for (const [step, { left }] of cohorts) add(inUse, Math.min(ages - 1, Math.max(0, current - step)), left);
    return { seconds, doubt: Math.hypot(1 / Math.sqrt(all + 1), (guess * unseen) / seconds), ending, inUse };
  }

  return Object.freeze<SlotUse>({
    taken(at, count) {
      pass(at);
      const step = Math.floor(at / slotStepMs);
      const cohort = cohorts.get(step);
      if (cohort === undefined) cohorts.set(step, { left: count, counted: 0 });
      else cohort.left += count;
    },
    ended(at, usedMs) {
      pass(at);
      for (const used of usedMs) {
        const step = Math.floor((at - used) / slotStepMs);
        const cohort = cohorts.get(step);
        // One that was taken before this memory began: those taken with it that ended unseen were quicker.
        if (cohort === undefined || cohort.left <= 0) continue;
        cohort.left--;
        const age = Math.min(ages - 1, Math.max(0, Math.floor(at / slotStepMs) - step));
        if (age >= cohort.counted) add(reached, age, 1);
        add(endedAt, age, 1);
        all++;
      }
    },
    read(now, lifeSeconds) {
      if (known !== null && known.lifeSeconds === lifeSeconds && now >= known.at && now - known.at < freshMs) return known.reading;
      pass(now);
      known = { at: now, lifeSeconds, reading: make(now, lifeSeconds) };
      return known.reading;
    },
  });
}
