import "./styles/shop.css";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { FanfareProvider } from "@fanfare-io/fanfare-sdk-react";
import { AnnouncerRegions } from "./parts/announcer.tsx";
import { readSettings } from "./settings.ts";
import { createShopClock } from "./shop-clock.ts";
import { ShopFactsProvider } from "./shop-context.tsx";
import { Shop } from "./shop.tsx";

// Each page brings its own half of the shop.
const DrawShop = lazy(async () => ({ default: (await import("./draw/draw-shop.tsx")).DrawShop }));

const CheckPage = lazy(async () => ({ default: (await import("./draw/check-page.tsx")).CheckPage }));

const settings = readSettings(document);
const place = document.getElementById("shop");
if (place === null) throw new Error("The page has no place for the shop.");

createRoot(place).render(
  <StrictMode>
    <FanfareProvider organizationId={settings.organizationId} publishableKey={settings.publishableKey}>
      <ShopFactsProvider value={{ settings, clock: createShopClock(settings.now) }}>
        <AnnouncerRegions>
          {settings.piece === "first-light" ? (
            <Suspense fallback={null}>{settings.checkDrawId === null ? <DrawShop /> : <CheckPage drawId={settings.checkDrawId} />}</Suspense>
          ) : (
            <Shop />
          )}
        </AnnouncerRegions>
      </ShopFactsProvider>
    </FanfareProvider>
  </StrictMode>,
);
