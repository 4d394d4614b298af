import { measureOtp } from "./measure-otp.ts";

// Run by the bench in a process of its own: pairs of addresses, and messages, on the command line.
const [pairs = "10000", messages = "3000"] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await measureOtp(Number(pairs), Number(messages))));
