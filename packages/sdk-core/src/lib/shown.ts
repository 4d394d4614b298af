/** Resolves when somebody opens a page that the browser has rendered ahead of time; null for all other pages. */
export function pageShown(): Promise<unknown> | null {
  const { document: page } = globalThis as { readonly document?: Document & { readonly prerendering?: boolean } };
  return page?.prerendering ? new Promise((resolve) => page.addEventListener("prerenderingchange", resolve)) : null;
}
