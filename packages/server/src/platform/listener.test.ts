import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { listen } from "./listener.ts";

const options = { host: "127.0.0.1", port: 0, variable: "CONSUMER_PORT", newRequestId: () => "req_1" };

async function readAll(socket: ReturnType<typeof connect>): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, "close");
  return text;
}

test("a request that was on its way when the service was told to stop is answered, as the last one of its connection", async () => {
  const listener = await listen(options, (_request, response) => void response.end("done"));
  const sockets = Array.from({ length: 50 }, () => connect(listener.address.port, "127.0.0.1"));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const drained = listener.drain(5_000);
  const answers = sockets.map((socket) => {
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return readAll(socket);
  });
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 200 [^]*Connection: close[^]*done/);
  await drained;
});

test("an expectation that nobody knows is no reason to refuse a request", async () => {
  const listener = await listen(options, (_request, response) => void response.end("done"));
  const socket = connect(listener.address.port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n");
  expect(await readAll(socket)).toMatch(/^HTTP\/1.1 200 /);
  await listener.drain(0);
});

test("while it accepts nobody, newcomers are hung up on and who is connected is served", async () => {
  const listener = await listen(options, (_request, response) => void response.end("done"));
  const ask = (socket: ReturnType<typeof connect>): boolean => socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const inside = connect(listener.address.port, "127.0.0.1");
  await once(inside, "connect");
  // The connection stands for the kernel before the service has heard of it; an answer says that it has.
  inside.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(inside, "data");
  listener.accept(false);
  const refused = connect(listener.address.port, "127.0.0.1");
  refused.on("error", () => undefined);
  ask(refused);
  await once(refused, "close");
  expect(refused.bytesRead).toBe(0);
  ask(inside);
  expect(await readAll(inside)).toMatch(/^HTTP\/1.1 200 /);
  listener.accept(true);
  const welcome = connect(listener.address.port, "127.0.0.1");
  ask(welcome);
  expect(await readAll(welcome)).toMatch(/^HTTP\/1.1 200 /);
  await listener.drain(0);
});
