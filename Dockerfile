FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build && npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/packages/contract ./packages/contract
COPY --from=build /src/packages/draw-proof ./packages/draw-proof
COPY --from=build /src/packages/server ./packages/server
USER node
EXPOSE 4802 4800
CMD ["node", "packages/server/dist/main.js", "start"]
