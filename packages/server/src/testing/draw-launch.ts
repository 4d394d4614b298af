import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect } from "vitest";
import { startTestService } from "./start-test-service.ts";
import type { TestAnswer, TestService } from "./start-test-service.ts";

/** Somebody with a session of their own. */
export interface TestShopper {
  readonly consumerId: string;
  ask(method: string, path: string, json?: unknown): Promise<TestAnswer>;
  poll(drawId: string, token: string): Promise<TestAnswer>;
}

/** A service with two organizations, the first of which gives things out by draw. */
export interface DrawLaunch {
  readonly service: TestService;
  readonly shop: CreatedOrganization;
  readonly other: CreatedOrganization;
  /** As the operator, of the first organization unless told. */
  operate(method: string, path: string, json?: unknown, owner?: CreatedOrganization): Promise<TestAnswer>;
  /** As the shop's backend. */
  shopAsks(path: string, json: unknown): Promise<TestAnswer>;
  /** As anybody with the publishable key. */
  anybody(path: string, owner?: CreatedOrganization): Promise<TestAnswer>;
  arrive(): Promise<TestShopper>;
  arriveMany(count: number): Promise<TestShopper[]>;
  /** Makes `draw_<name>` in an experience of its own: two winners, open for an hour, unless told. */
  makeDraw(name: string, draw?: object): Promise<string>;
  drawNow(id: string): Promise<TestAnswer>;
  untilState(id: string, state: string): Promise<void>;
}

/** An instant so many seconds from now. */
export const fromNow = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

/** Starts the service before the tests of a file and stops it after them. */
export function useDrawLaunch(): DrawLaunch {
  let service: TestService;
  let shop: CreatedOrganization;
  let other: CreatedOrganization;
  beforeAll(async () => {
    service = await startTestService();
    shop = await service.createOrganization();
    other = await service.createOrganization();
  });
  afterAll(() => service.stop());

  const operate: DrawLaunch["operate"] = (method, path, json, owner = shop) =>
    service.ask("admin", method, path, { headers: { Authorization: `Bearer ${owner.secretKey}` }, ...(json === undefined ? {} : { json }) });
  const anybody: DrawLaunch["anybody"] = (path, owner = shop) =>
    service.ask("consumer", "GET", path, { headers: { "X-Publishable-Key": owner.publishableKey } });

  async function arrive(): Promise<TestShopper> {
    const key = { "X-Publishable-Key": shop.publishableKey };
    const { body } = await service.ask("consumer", "POST", "/auth/guest", { headers: key });
    return {
      consumerId: body.session.consumerId,
      ask: (method, path, json) =>
        service.ask("consumer", method, path, { headers: { ...key, Authorization: `Bearer ${body.accessToken}` }, ...(json === undefined ? {} : { json }) }),
      poll: (drawId, token) => service.ask("consumer", "GET", `/draws/${drawId}/status`, { headers: { ...key, Authorization: `Poll ${token}` } }),
    };
  }

  async function makeDraw(name: string, draw: object = {}): Promise<string> {
    const launch = await operate("POST", "/experiences", { id: `exp_${name}`, name: "Launch", sequence: { id: `seq_${name}`, name: "Everyone" } });
    expect(launch.status).toBe(201);
    const made = await operate("POST", "/draws", {
      id: `draw_${name}`,
      sequenceId: `seq_${name}`,
      name: "Draw",
      drawAt: fromNow(3600),
      winnerCount: 2,
      ...draw,
    });
    expect(made).toMatchObject({ status: 201 });
    return `draw_${name}`;
  }

  return {
    get service() {
      return service;
    },
    get shop() {
      return shop;
    },
    get other() {
      return other;
    },
    operate,
    shopAsks: (path, json) => service.ask("consumer", "POST", path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, json }),
    anybody,
    arrive,
    arriveMany: (count) => Promise.all(Array.from({ length: count }, () => arrive())),
    makeDraw,
    drawNow: (id) => operate("POST", `/draws/${id}/draw`, { confirm: id }),
    untilState: async (id, state) => {
      await expect.poll(async () => (await anybody(`/draws/${id}`)).body.state, { timeout: 15_000 }).toBe(state);
    },
  };
}
