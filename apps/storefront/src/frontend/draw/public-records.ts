/** The line knows no draw of this id. */
export class NoSuchDraw extends Error {
  override readonly name = "NoSuchDraw";
}

/** Asks for what a draw tells everybody: no session, no name. Raises `NoSuchDraw`, or what went wrong on the way. */
export async function askPublic<Answer = unknown>(apiUrl: string, publishableKey: string, path: string, stopping?: AbortSignal): Promise<Answer> {
  const answer = await fetch(`${apiUrl}${path}`, { headers: { "X-Publishable-Key": publishableKey }, ...(stopping && { signal: stopping }) });
  if (answer.status === 404) throw new NoSuchDraw(path);
  if (!answer.ok) throw new Error(`The line answered ${answer.status}.`);
  return (await answer.json()) as Answer;
}
