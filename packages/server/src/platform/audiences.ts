/**
 * The addresses at which clients may say that they called the consumer plane. Configured ones are all there are; without any,
 * it is where the service listens, and on a laptop every spelling of that.
 */
export function audiencesOf(configured: readonly string[], listening: string): readonly string[] {
  if (configured.length > 0) return configured.map((url) => withApi(url.replace(/\/+$/, "")));
  const { hostname, port, protocol } = new URL(listening);
  const loopback = ["localhost", "127.0.0.1", "[::1]"];
  const hosts = loopback.includes(hostname) ? loopback : [hostname];
  return hosts.map((host) => `${protocol}//${host}${port === "" ? "" : `:${port}`}/api`);
}

function withApi(url: string): string {
  return url.endsWith("/api") ? url : `${url}/api`;
}
