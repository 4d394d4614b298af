/** While one run is in flight, everybody who asks gets that run. */
export function createSingleFlight<T>(): (task: () => Promise<T>) => Promise<T> {
  let flight: Promise<T> | null = null;
  return (task) => {
    flight ??= task().finally(() => {
      flight = null;
    });
    return flight;
  };
}
