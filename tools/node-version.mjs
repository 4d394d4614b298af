// Imported first by the two front doors: an old Node gets one line that says what to do, before anything newer is read.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Fanfare needs Node 20.19 or newer to start with; this is ${process.version}. Get one from https://nodejs.org.`);
  process.exit(1);
}
