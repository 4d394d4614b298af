import { expect, test } from "vitest";
import { countryOf, digitsOf, otpAnswerOf, otpRequestOf } from "./address.ts";

test("a number goes out with the reader's country, an e-mail address without", () => {
  expect(otpRequestOf({ way: "phone", value: "079 123 45 67" }, "CH")).toEqual({ phone: "079 123 45 67", defaultCountry: "CH" });
  expect(otpRequestOf({ way: "phone", value: "+41791234567" }, undefined)).toEqual({ phone: "+41791234567" });
  expect(otpRequestOf({ way: "email", value: "ines@shop.example" }, "CH")).toEqual({ email: "ines@shop.example" });
  expect(otpAnswerOf({ way: "phone", value: "079 123 45 67" }, "CH", "123456")).toEqual({ phone: "079 123 45 67", defaultCountry: "CH", code: "123456" });
});

test("the country is that of the language, or the likeliest one", () => {
  expect([countryOf("de-CH"), countryOf("ja"), countryOf("not a language")]).toEqual(["CH", "JP", undefined]);
});

test("a code is its digits, however it was written", () => {
  expect([digitsOf("123 456"), digitsOf("Your code: 123-456."), digitsOf("１２３４５６"), digitsOf("")]).toEqual(["123456", "123456", "123456", ""]);
});
