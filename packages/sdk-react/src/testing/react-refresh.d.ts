/** React's own Fast Refresh, as bundlers drive it; the package brings no types. */
declare module "react-refresh/runtime" {
  /** Hooks into React; has to happen before its renderer is loaded. */
  export function injectIntoGlobalHook(page: object): void;
  /** Says that a component is the current version of the one known under this name. */
  export function register(component: unknown, name: string): void;
  /** Says which hooks a component uses: with another signature it is mounted anew. */
  export function setSignature(component: unknown, signature: string): void;
  export function performReactRefresh(): void;
}
