import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Workspace packages come from their sources, so that the shop builds on a fresh clone.
  resolve: { conditions: ["@fanfare-io/source", ...defaultClientConditions] },
  build: {
    // The backend looks up the names that Vite gives to the counter's files.
    manifest: true,
    // A data: URL would need a hole in the content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["index.html", "src/frontend/counter.ts"] },
  },
});
