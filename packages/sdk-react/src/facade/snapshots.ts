/** The arguments of `useSyncExternalStore`. The second returns the same object until something in it has changed; the third is for as long as there is no SDK. */
export type Snapshots<T> = readonly [listen: (listener: () => void) => () => void, now: () => T, atFirst: () => T];
