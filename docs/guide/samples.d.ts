// What the fragments in this folder take for granted, so that they can be compiled as they stand: an SDK that is
// initialized, the merchant's client, and a shop of the reader's own.

declare const sdk: import("@fanfare-io/fanfare-sdk-core").FanfareSDK;
declare const fanfare: import("@fanfare-io/fanfare-sdk-server").Fanfare;

declare const shop: {
  openOrder(hold: import("@fanfare-io/fanfare-sdk-server").Redemption): Promise<string>;
  order(orderId: string): Promise<{ readonly redemptionId: string; readonly amount: string }>;
  charge(order: { readonly amount: string }): Promise<{ readonly succeeded: boolean }>;
  refund(payment: { readonly succeeded: boolean }): Promise<void>;
  confirm(orderId: string, receiptId: string): Promise<void>;
  ordersPaidButNotConfirmed(): Promise<readonly { readonly orderId: string; readonly redemptionId: string }[]>;
};
