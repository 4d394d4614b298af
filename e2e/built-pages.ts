import { buildStorefront } from "fanfare-demo/build-storefront";

/** Builds the storefront's pages unless they are current. */
export default async function setUp(): Promise<void> {
  await buildStorefront();
}
