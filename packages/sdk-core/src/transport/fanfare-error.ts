// Two files, so that a page which only reads its session loads no more than the class.
export { FanfareError, partMissing } from "./error-class.ts";
export type { FanfareErrorFacts } from "./error-class.ts";
export { isFanfareError, toFanfareError, unexpectedAnswer } from "./error-shapes.ts";
