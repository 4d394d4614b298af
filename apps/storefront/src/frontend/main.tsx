import "./styles/shop.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { FanfareProvider } from "@fanfare-io/fanfare-sdk-react";
import { AnnouncerRegions } from "./parts/announcer.tsx";
import { readSettings } from "./settings.ts";
import { createShopClock } from "./shop-clock.ts";
import { ShopFactsProvider } from "./shop-context.tsx";
import { Shop } from "./shop.tsx";

const settings = readSettings(document);
const place = document.getElementById("shop");
if (place === null) throw new Error("The page has no place for the shop.");

createRoot(place).render(
  <StrictMode>
    <FanfareProvider organizationId={settings.organizationId} publishableKey={settings.publishableKey}>
      <ShopFactsProvider value={{ settings, clock: createShopClock(settings.now) }}>
        <AnnouncerRegions>
          <Shop />
        </AnnouncerRegions>
      </ShopFactsProvider>
    </FanfareProvider>
  </StrictMode>,
);
