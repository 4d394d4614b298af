// Builds what is published, in the order of its dependencies: each package reads the declarations of those before it, as a stranger would.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { published, root, tsc } from "./workspace.mjs";

for (const folder of published) {
  const started = performance.now();
  if (!existsSync(join(root, folder, "src/index.ts"))) {
    console.log(`build  ${folder}: no src/index.ts yet, nothing to build`);
    continue;
  }
  rmSync(join(root, folder, "dist"), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(folder, "tsconfig.build.json")], { cwd: root, stdio: "inherit" });
  if (status !== 0) {
    console.error(`build  ${folder}: failed`);
    process.exit(1);
  }
  // What is not TypeScript (migrations) lies beside the code that reads it, built or not.
  cpSync(join(root, folder, "src"), join(root, folder, "dist"), {
    recursive: true,
    filter: (from) => statSync(from).isDirectory() || ![".ts", ".tsx", ".md"].includes(extname(from)),
  });
  console.log(`build  ${folder}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
