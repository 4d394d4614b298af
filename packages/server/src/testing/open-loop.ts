import { connect } from "node:net";
import type { Socket } from "node:net";

/** One request as it goes over the wire, and what becomes of it. It has to be harmless when it is sent twice. */
export interface ScheduledRequest {
  readonly bytes: string;
  /** `ms` counts from when it was due, not from when a connection was free for it: a generator that waits must not hide the waiting. */
  readonly onAnswer: (answer: { readonly status: number; readonly ms: number; readonly sentMs: number }) => void;
}

/** Sends requests when they are due, whatever becomes of those before. */
export interface OpenLoop {
  /** Hands over what became due. */
  send(request: ScheduledRequest, dueAt: number): void;
  /** Requests that wait for a connection, or for their answer. */
  open(): number;
  close(): void;
}

/** Connects. One request at a time a connection; more connections than answers that are awaited at once, or the loop is not open. */
export async function createOpenLoop(address: { readonly host: string; readonly port: number }, connections: number): Promise<OpenLoop> {
  const idle: Lane[] = [];
  const due: { readonly request: ScheduledRequest; readonly dueAt: number }[] = [];
  let next = 0;
  let answered = 0;
  let sent = 0;

  const onFree = (lane: Lane): void => {
    answered++;
    const waiting = due[next];
    if (waiting === undefined) return void idle.push(lane);
    next++;
    lane.send(waiting.request, waiting.dueAt);
  };
  const lanes = await Promise.all(Array.from({ length: connections }, () => openLane(address, onFree)));
  idle.push(...lanes);

  return Object.freeze<OpenLoop>({
    send(request, dueAt) {
      sent++;
      const lane = idle.pop();
      if (lane === undefined) due.push({ request, dueAt });
      else lane.send(request, dueAt);
    },
    open: () => sent - answered,
    close: () => {
      for (const lane of lanes) lane.close();
    },
  });
}

interface Lane {
  send(request: ScheduledRequest, dueAt: number): void;
  close(): void;
}

function openLane(address: { readonly host: string; readonly port: number }, onFree: (lane: Lane) => void): Promise<Lane> {
  return new Promise((resolve, reject) => {
    let socket: Socket;
    let closed = false;
    let text = "";
    let current: { readonly request: ScheduledRequest; readonly dueAt: number; readonly sentAt: number } | null = null;

    const finish = (status: number): void => {
      const done = current;
      current = null;
      if (done !== null) done.request.onAnswer({ status, ms: performance.now() - done.dueAt, sentMs: performance.now() - done.sentAt });
      onFree(lane);
    };
    const open = (): Socket => {
      const opened = connect({ ...address, noDelay: true });
      opened.setEncoding("latin1");
      opened.on("data", (chunk: string) => {
        // A connection that was never used is told so before it is closed.
        if (current === null) return;
        text += chunk;
        const headEnd = text.indexOf("\r\n\r\n");
        if (headEnd === -1) return;
        const head = text.slice(0, headEnd);
        const length = /\r\ncontent-length: (\d+)/i.exec(head);
        if (text.length < headEnd + 4 + Number(length?.[1] ?? 0)) return;
        text = "";
        finish(Number(head.slice(9, 12)));
      });
      opened.on("close", () => {
        if (closed) return;
        text = "";
        socket = open();
        // It met the close of an idle connection; what is sent here may be sent twice.
        if (current !== null) socket.write(current.request.bytes, "latin1");
      });
      opened.on("error", () => undefined);
      return opened;
    };
    const lane: Lane = {
      send(request, dueAt) {
        current = { request, dueAt, sentAt: performance.now() };
        socket.write(request.bytes, "latin1");
      },
      close() {
        closed = true;
        socket.destroy();
      },
    };
    socket = open();
    socket.once("connect", () => resolve(lane));
    socket.once("error", reject);
  });
}
