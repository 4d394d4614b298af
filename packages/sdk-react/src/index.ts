"use client";

export type * from "@fanfare-io/fanfare-sdk-core";
export { FanfareProvider } from "./fanfare-provider.ts";
export type { FanfareProviderProps } from "./fanfare-provider.ts";
export { useExperienceJourney } from "./use-experience-journey.ts";
export type { ExperienceJourney } from "./facade/journeys.ts";
export type { ExperienceJourneyOptions } from "./use-experience-journey.ts";
export { useFanfare } from "./use-fanfare.ts";
export { useFanfareAuth } from "./use-fanfare-auth.ts";
export type { FanfareAuth } from "./facade/auth.ts";
